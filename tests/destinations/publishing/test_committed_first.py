"""Another connection sees that a try has left, and with which lease, before its request leaves."""

import psycopg
import pytest
from django.db import connection

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import worker
from platforms.http.transport import Transport
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
#: What a worker needs to know if it finds the try without an answer.
COMMITTED = """
    SELECT d.status, a.sent_at IS NOT NULL, a.answered_at IS NULL, d.claim IS NOT NULL
    FROM destinations_attempt a JOIN destinations_destination d ON d.id = a.destination_id
"""


@pytest.fixture
def seen(monkeypatch) -> list[tuple]:
    """What another connection reads whenever a request that can make a post public leaves."""
    found: list[tuple] = []
    send = Transport.send
    options = connection.get_connection_params() | {"autocommit": True}
    names = ("host", "port", "user", "password", "dbname", "autocommit")

    async def watched(self, method, url, **sent):
        if sent.get("may_leave"):
            found.extend(other.execute(COMMITTED).fetchall())
        return await send(self, method, url, **sent)

    monkeypatch.setattr(Transport, "send", watched)
    with psycopg.connect(**{name: options[name] for name in names if name in options}) as other:
        yield found


@pytest.mark.parametrize("platform", ["facebook", "linkedin", "threads", "x"])
def test_the_try_is_committed_before_the_request_that_publishes(simulator, seen, platform):
    token = simulator.connect(platform, "77", username="acme")
    account = make_account(make_workspace(), platform, token=token, platform_account_id="77")
    make_post(account.workspace, [account])

    worker.publish(claims.claim(10))

    assert Destination.objects.get().status == "published"
    assert len(simulator.posts(platform)) == 1
    assert seen == [("publishing", True, True, True)]
