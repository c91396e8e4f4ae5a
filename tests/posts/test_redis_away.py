"""A hanging Redis delays a customer once, not once per post, and nothing is lost."""

import time

import pytest
from celery import current_app
from django.utils import timezone
from kombu.exceptions import OperationalError
from structlog.testing import capture_logs

from destinations.dispatch import enqueue
from destinations.models import Destination
from destinations.runtime import broker as runtime_broker
from platforms.limits import ImageRule, Limits
from platforms.x.adapter import X
from posts.media.fetch.request import WAKE
from posts.models import Variant
from tests.destinations.conftest import no_tick_so_far  # noqa: F401 - a fixture
from tests.factories import make_account
from tests.posts.factories import make_media

pytestmark = pytest.mark.django_db(transaction=True)

POSTS = 10
SQUARE_JPEG = Limits(280, media_items=4, image=ImageRule(("image/jpeg",), 10**7, max_width=16))


class Broker:
    """Counts what it is asked to carry. It takes nothing while it hangs."""

    def __init__(self) -> None:
        self.hangs = True
        self.asked: list[str] = []

    def send_task(self, name: str, **how: object) -> None:
        self.asked.append(name)
        if self.hangs:
            raise OperationalError("Timeout reading from socket")


@pytest.fixture
def broker(monkeypatch) -> Broker:
    monkeypatch.setattr(runtime_broker, "PAUSE_SECONDS", 3600)
    found = Broker()
    monkeypatch.setattr(current_app, "send_task", found.send_task)
    return found


def pass_the_pause() -> None:
    runtime_broker._breaker._retry_at = time.monotonic()


def bulk(caller, account, **fields) -> None:
    posts = [
        {"content": f"Number {number}", "account_ids": [account.pk], **fields}
        for number in range(POSTS)
    ]
    response = caller.post("/posts/bulk", {"posts": posts})
    assert response.status_code == 201, response.json()


def assert_all_wait_for_the_tick() -> None:
    rows = Destination.objects.all()
    assert len(rows) == POSTS
    assert all(row.claim is None and row.due_at <= timezone.now() for row in rows)


def test_a_bulk_call_asks_a_hanging_broker_once(ada, x, broker):
    bulk(ada, x)

    assert broker.asked == ["destinations.dispatch"]
    assert_all_wait_for_the_tick()


def test_posts_that_need_variants_ask_a_hanging_broker_once(ada, x, broker, monkeypatch):
    monkeypatch.setattr(X, "limits", SQUARE_JPEG)
    monkeypatch.setattr(X, "limits_for", lambda self, draft: SQUARE_JPEG)

    bulk(ada, x, media_ids=[str(make_media(ada.workspace).pk)])

    assert broker.asked == ["posts.make_variants"]
    assert Variant.objects.get().status == "waiting"
    assert_all_wait_for_the_tick()


def test_a_failed_fetch_message_spares_later_requests(ada, x, broker):
    WAKE.after_commit()

    bulk(ada, x)

    assert broker.asked == ["posts.fetch_files"]
    assert_all_wait_for_the_tick()


def test_a_retry_does_not_ask_a_broker_that_is_known_away(ada, x, broker):
    bulk(ada, x)
    Destination.objects.update(status="failed", error_code="content_rejected", due_at=None)

    answer = ada.post("/posts/retry-failed", {"platform": "x"}).json()["data"]

    assert answer["retried_count"] == POSTS
    assert len(broker.asked) == 1
    assert_all_wait_for_the_tick()


def test_after_the_pause_a_hanging_broker_is_asked_once_more(ada, x, broker):
    bulk(ada, x)
    Destination.objects.all().delete()
    pass_the_pause()

    bulk(ada, x)

    assert len(broker.asked) == 2
    assert_all_wait_for_the_tick()


def test_after_the_pause_a_broker_that_is_back_gets_every_post(ada, broker):
    accounts = [make_account(ada.workspace, "x") for _ in range(3)]
    bulk(ada, accounts[0])
    broker.hangs = False
    pass_the_pause()

    with capture_logs() as lines:
        for account in accounts[1:]:
            ada.post("/posts", {"content": "Hi", "account_ids": [account.pk]})

    assert broker.asked == ["destinations.dispatch"] * 3
    told = [line["did_without"] for line in lines if line["event"] == "broker_back"]
    assert told == [POSTS]


@pytest.mark.usefixtures("no_tick_so_far")
def test_the_tick_always_tries(ada, x, broker):
    bulk(ada, x)
    assert len(broker.asked) == 1

    assert [enqueue.enqueue(), enqueue.enqueue()] == [0, 0]
    assert len(broker.asked) == 3

    broker.hangs = False
    assert enqueue.tick() == POSTS
    assert len(broker.asked) == 4
