"""Retrying by what failed, and by account."""

from datetime import UTC, datetime, timedelta

from destinations.models import Destination, Event
from posts.composing.changes import retry
from posts.keys import keys
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import Caller, refused

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
FAILED = {"status": "failed", "error": "No.", "error_code": "content_rejected", "due_at": None}


def fail(account, **fields) -> Destination:
    """The only destination of a post, failed at noon unless told otherwise."""
    fields = {"updated_at": NOON, "attempts": 3, **FAILED, **fields}
    return make_post(account.workspace, [account], **fields).destinations.get()


def retried(caller, **filters) -> list[str]:
    response = caller.post("/posts/retry-failed", filters)
    assert response.status_code == 200, response.json()
    return [each["destination_id"] for each in response.json()["data"]["destinations"]]


def test_retry_failed_names_each_destination_and_its_post(ada, x):
    row = fail(x)

    data = ada.post("/posts/retry-failed", {"platform": "twitter"}).json()["data"]

    assert data == {
        "retried_count": 1,
        "destinations": [
            {
                "destination_id": row.public_id,
                "post_id": row.post.public_id,
                "platform": "x",
                "new_status": "queued",
            }
        ],
        "message": "Retrying 1 destination.",
    }
    row.refresh_from_db()
    assert (row.status, row.error, row.attempts) == ("queued", "", 3)
    event = Event.objects.get()
    assert (event.move, event.by) == ("requeue", f"key:{ada.key.prefix}")


def test_retry_failed_narrows_by_every_filter(ada, x, linkedin):
    mine, other = fail(x), fail(linkedin)
    late = fail(x, updated_at=NOON + timedelta(hours=1), attempts=5)

    def matching(**filters):
        found = set(retried(ada, **filters))
        for row in (mine, other, late):
            kept = {"updated_at": row.updated_at, "attempts": row.attempts}
            Destination.objects.filter(pk=row.pk).update(**FAILED | kept)
        return found

    def ids(*rows):
        return {row.public_id for row in rows}

    assert matching(post_ids=[mine.post.public_id, str(other.post_id)]) == ids(mine, other)
    assert matching(account_id=x.pk) == ids(mine, late)
    assert matching(platform="linkedin") == ids(other)
    assert matching(failed_after="2026-03-15T12:00:01Z") == ids(late)
    assert matching(failed_after="2026-03-15T12:00:00") == ids(mine, other, late)
    assert matching(failed_before="2026-03-15T13:00:00Z") == ids(mine, other)
    assert matching(max_attempts=5) == ids(mine, other)
    assert matching(max_attempts=5, account_id=x.pk) == ids(mine)
    assert matching(post_ids=["post_1"]) == matching(account_id=999999999) == set()


@cases(
    ("body", "code"),
    [
        ({}, "missing_filter"),
        ({"confirm_not_published": True}, "missing_filter"),
        ({"post_ids": []}, "validation_error"),
        ({"post_ids": ["dest_1"]}, "validation_error"),
        ({"post_ids": [1]}, "validation_error"),
        ({"post_ids": ["post_1"] * 201}, "validation_error"),
        ({"account_id": "one"}, "validation_error"),
        ({"account_id": None}, "missing_filter"),
        ({"platform": "myspace"}, "validation_error"),
        ({"failed_after": "yesterday"}, "validation_error"),
        ({"max_attempts": 0}, "validation_error"),
        ({"max_attempts": 11}, "validation_error"),
        ({"status": "failed"}, "invalid_field_name"),
    ],
)
def test_retry_failed_without_a_filter_or_with_one_out_of_range_changes_nothing(ada, x, body, code):
    fail(x)

    refused(ada.post("/posts/retry-failed", body), 400, code)
    assert Event.objects.count() == 0


def test_retry_with_account_ids_retries_only_those(ada, x, linkedin):
    threads = make_account(ada.workspace, "threads")
    post = make_post(ada.workspace, [x, linkedin, threads], **FAILED)
    post.destinations.filter(platform="threads").update(status="published")
    path = f"/posts/{post.public_id}/retry"

    data = ada.post(path, {"account_ids": [threads.pk, linkedin.pk]}).json()["data"]

    row = post.destinations.get(platform="linkedin")
    assert data == {
        "retried_count": 1,
        "destinations": [{"id": row.public_id, "platform": "linkedin", "new_status": "queued"}],
    }
    results = ada.get(f"/posts/{post.public_id}/results").json()["data"]
    assert [each["status"] for each in results] == ["failed", "queued", "published"]


@cases("filters", [{"max_attempts": 10}, {"max_attempts": 1}])
def test_retry_failed_skips_what_was_tried_max_attempts_times_or_more(ada, x, filters):
    most = filters["max_attempts"]
    below = fail(x, attempts=most - 1)
    fail(x, attempts=most)
    fail(x, attempts=most + 1)

    assert retried(ada, **filters) == [below.public_id]


def test_retry_failed_takes_two_hundred_post_ids(ada, x):
    row = fail(x)
    others = [f"post_{number}" for number in range(199)]

    assert retried(ada, post_ids=[row.post.public_id, *others]) == [row.public_id]


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
