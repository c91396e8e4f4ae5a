"""The API on a host whose clock is wrong: times are compared with the database's clock."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from destinations.dispatch import claims
from destinations.models import Destination
from posts.models import Post
from tests.factories import make_account
from tests.posts.conftest import refused
from tests.psql import psql


@pytest.fixture(params=[90, -90], ids=["fast", "slow"])
def wrong_host(request, ada):
    """This host is so many seconds ahead of the database, or behind."""
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=request.param), tick=True):
        yield request.param


def compose(ada, **fields):
    account = make_account(ada.workspace)
    return ada.post("/posts", {"content": "Hi", "account_ids": [account.pk], **fields})


def in_seconds(seconds):
    """A time as the database counts, as customers write it."""
    return psql("SELECT clock_timestamp() + %s * interval '1 second'", [seconds])[0][0].isoformat()


def test_a_post_for_soon_is_accepted_and_not_published_early(wrong_host, ada):
    at = in_seconds(30)

    assert compose(ada, scheduled_at=at).status_code == 201
    assert Destination.objects.get().due_at == datetime.fromisoformat(at)
    assert Post.objects.get().status == Post.Status.SCHEDULED
    assert claims.claim(10) == []


def test_a_post_for_the_past_is_refused(wrong_host, ada):
    refused(compose(ada, scheduled_at=in_seconds(-30)), 400, "past_schedule_time")

    assert not Post.objects.exists()


def test_a_post_for_now_is_sent_at_once(wrong_host, ada):
    assert compose(ada).status_code == 201

    assert [row.id for row in claims.claim(10)] == [Destination.objects.get().pk]


def test_a_manual_retry_is_sent_at_once(wrong_host, ada):
    compose(ada)
    Destination.objects.update(
        status="failed", due_at=None, error="No.", error_code="content_rejected"
    )

    assert ada.post(f"/posts/{Post.objects.get().public_id}/retry").status_code == 200
    assert [row.id for row in claims.claim(10)] == [Destination.objects.get().pk]
