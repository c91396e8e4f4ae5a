"""Ada owns a workspace, Bo's key is of the same one, Cy is a stranger: as in tests/posts."""

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Destination, Event
from destinations.publishing import worker
from posts.models import ApiKey, Media, Post, PostMedia
from tests.destinations.conftest import app, browser  # noqa: F401 - fixtures
from tests.factories import make_account
from tests.posts.conftest import _files, ada, bo, cy, fetcher, ids, stranger  # noqa: F401 - fixtures

FUTURE = "2099-03-15T14:00:00Z"


@pytest.fixture
def x(ada):  # noqa: F811 - a fixture
    return make_account(ada.workspace, "x")


@pytest.fixture
def linkedin(ada):  # noqa: F811 - a fixture
    return make_account(ada.workspace, "linkedin")


@pytest.fixture
def body(x):
    """What `POST /posts` takes."""
    return {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}


def connected(caller, simulator, number: str, **fields):
    """An account of the caller's on X, which the simulated network knows."""
    token = simulator.connect("x", number, username=f"acme{number}")
    known = {"platform_account_id": number, "username": f"acme{number}", **fields}
    return make_account(caller.workspace, "x", token=token, **known)


def work() -> None:
    """All that waits comes due, and is published as beat and a worker would."""
    Destination.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    worker.publish(claims.claim(100))


def is_nothing_made() -> bool:
    return not any(model.objects.exists() for model in (Post, Destination, Event, PostMedia))


def stored() -> list[list[dict]]:
    """All rows that a refused request must leave as they are."""
    models = (Post, Destination, Event, PostMedia, Media)
    keys = ApiKey.objects.order_by("pk").values("id", "digest", "scopes")
    return [*(list(model.objects.order_by("pk").values()) for model in models), list(keys)]
