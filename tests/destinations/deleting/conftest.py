"""Posts that are public on the simulated networks, and their deletion."""

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from destinations.deleting import deletion_request
from destinations.deleting.deletion_request import Asker
from destinations.dispatch import claims
from destinations.models import Deletion, Destination
from destinations.publishing import worker
from platforms.drafts import Draft
from tests.destinations.deleting import working
from tests.factories import make_account, make_post, make_workspace

ADA = Asker("operator:ada")
_numbers = itertools.count(17841400000007000)


@pytest.fixture
def live(simulator, db) -> Callable[..., Destination]:
    """Publish a text on a network; its destination."""
    workspace = make_workspace()

    def publish(platform: str = "x", draft: Draft | None = None, **fields: Any) -> Destination:
        number = str(next(_numbers))
        token = simulator.connect(platform, number)
        account = make_account(
            workspace, platform, token=token, platform_account_id=number, **fields
        )
        post = make_post(workspace, [account], draft=draft or Draft("Hello"))
        worker.publish(claims.claim(100))
        return Destination.objects.get(post=post)

    return publish


def ask(*rows: Destination, asker: Asker = ADA) -> list[Deletion]:
    return deletion_request.ask(fresh(rows), asker)


def fresh(rows: Iterable[Destination]) -> list[Destination]:
    return list(Destination.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def delete(*rows: Destination, asker: Asker = ADA) -> list[Deletion]:
    """Ask for it, and work until nothing is due."""
    deletions = ask(*rows, asker=asker)
    working.work()
    for deletion in deletions:
        deletion.refresh_from_db()
    return deletions
