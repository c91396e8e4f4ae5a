"""Retrying by what failed, and by account."""

from datetime import timedelta

from destinations.models import Destination, Event
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.test_retry_failed import FAILED, NOON, fail, retried
from tests.posts.conftest import refused


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


def test_retry_failed_needs_at_least_one_filter(ada, x):
    fail(x)

    for body in ({}, {"confirm_not_published": True}):
        refused(ada.post("/posts/retry-failed", body), 400, "missing_filter")
    assert Event.objects.count() == 0


@cases(
    ("body", "code"),
    [
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
def test_retry_failed_with_a_filter_out_of_range_changes_nothing(ada, x, body, code):
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
