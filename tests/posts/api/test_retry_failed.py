from datetime import UTC, datetime, timedelta

import pytest

from destinations.models import Destination, Event
from posts.composing.changes import retry
from posts.keys import keys
from tests.factories import make_account, make_post
from tests.posts.conftest import Caller

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
FAILED = {"status": "failed", "error": "No.", "error_code": "content_rejected", "due_at": None}


def fail(account, **fields) -> Destination:
    """The only destination of a post, failed at noon unless told otherwise."""
    fields = {"updated_at": NOON, "attempts": 3, **FAILED, **fields}
    return make_post(account.workspace, [account], **fields).destinations.get()


@pytest.fixture
def x(ada):
    return make_account(ada.workspace, "x")


@pytest.fixture
def linkedin(ada):
    return make_account(ada.workspace, "linkedin")


def retried(caller, **filters) -> list[str]:
    response = caller.post("/posts/retry-failed", filters)
    assert response.status_code == 200, response.json()
    return [each["destination_id"] for each in response.json()["data"]["destinations"]]


def test_what_may_be_public_needs_a_persons_word(ada, x):
    fail(x)
    doubtful = fail(x, error_code="outcome_unknown")

    data = ada.post("/posts/retry-failed", {"platform": "x"}).json()["data"]

    assert data["retried_count"] == 1
    assert "Skipped 1 that may already be live" in data["message"]
    doubtful.refresh_from_db()
    assert doubtful.status == "failed"
    assert retried(ada, platform="x", confirm_not_published=True) == [doubtful.public_id]


def test_what_did_not_fail_is_left_alone(ada, x):
    for status in ("queued", "publishing", "unconfirmed", "published"):
        make_post(ada.workspace, [x], status=status)

    assert retried(ada, platform="x") == []
    assert Event.objects.count() == 0


def test_one_call_takes_a_limited_number_longest_ago_first(ada, x, monkeypatch):
    monkeypatch.setattr(retry, "MOST", 2)
    rows = [fail(x, updated_at=NOON - timedelta(hours=n)) for n in range(3)]

    data = ada.post("/posts/retry-failed", {"platform": "x"}).json()["data"]

    told = {each["destination_id"] for each in data["destinations"]}
    assert told == {rows[1].public_id, rows[2].public_id}
    assert data["message"] == "Retrying 2 destinations. There are more; call again."
    assert retried(ada, platform="x") == [rows[0].public_id]


def test_what_is_out_of_reach_is_not_retried(ada, cy, x, linkedin):
    dee = Caller(ada.workspace, *keys.create(ada.workspace, "Dee", ["write"], accounts=[x]))
    fail(linkedin)
    shared = make_post(ada.workspace, [x, linkedin], **FAILED)

    for caller in (cy, dee):
        assert retried(caller, failed_after="2020-01-01T00:00:00Z") == []
        assert retried(caller, post_ids=[shared.public_id]) == []
    assert Event.objects.count() == 0
