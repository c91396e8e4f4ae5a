"""POST /posts/{id}/retry, row by row."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Destination, Event
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import stored
from tests.posts.conftest import data_of, refused


@pytest.fixture
def post(ada):
    accounts = [make_account(ada.workspace, key) for key in ("x", "linkedin", "threads")]
    post = make_post(ada.workspace, accounts, due_at=None)
    Post.objects.update(status="partial")
    rows = post.destinations
    rows.filter(platform="x").update(
        status="failed", attempts=3, failures=3, error="No.", error_code="content_rejected"
    )
    rows.filter(platform="linkedin").update(status="published", platform_post_id="1")
    rows.filter(platform="threads").update(
        status="failed", attempts=1, error="May be live.", error_code="outcome_unknown"
    )
    return post


def retry(caller, post, body=None):
    return caller.post(f"/posts/{post.public_id}/retry", body)


def test_retry_queues_every_failed_destination_and_leaves_published_ones_untouched(
    bo, post, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as callbacks:
        response = retry(bo, post)

    row = post.destinations.get(platform="x")
    assert response.json()["data"] == {
        "retried_count": 1,
        "destinations": [{"id": row.public_id, "platform": "x", "new_status": "queued"}],
    }
    assert (row.status, row.attempts, row.failures, row.error) == ("queued", 3, 0, "")
    assert row.due_at <= timezone.now()
    assert len(callbacks) == 1
    post.refresh_from_db()
    assert post.status == "publishing"
    event = Event.objects.get()
    assert (event.move, event.by) == ("requeue", f"key:{bo.key.prefix}")
    others = post.destinations.exclude(platform="x").order_by("platform")
    assert [other.status for other in others] == ["published", "failed"]


def test_retry_of_what_may_be_public_needs_a_persons_word(ada, post):
    data = retry(ada, post, {"confirm_not_published": True}).json()["data"]

    assert [row["platform"] for row in data["destinations"]] == ["x", "threads"]


def test_retry_a_second_time_finds_nothing_failed(ada, post):
    retry(ada, post)

    assert retry(ada, post).json()["data"] == {"retried_count": 0, "destinations": []}


def test_retry_makes_one_that_waits_now_and_leaves_one_at_work_alone(ada, post):
    later = timezone.now() + timedelta(minutes=15)
    rows = Destination.objects.filter(platform="x")
    rows.update(next_retry_at=later, due_at=later, claim=uuid.uuid4())

    assert retry(ada, post).json()["data"]["retried_count"] == 0

    rows.update(claim=None)
    assert retry(ada, post).json()["data"]["retried_count"] == 1
    row = rows.get()
    assert row.next_retry_at is None
    assert row.due_at < later


@cases(
    ("body", "code"),
    [
        ({"confirm_not_published": "true"}, "validation_error"),
        ({"confirm_not_published": 1}, "validation_error"),
        ({"account_ids": [999_999_999]}, "invalid_accounts"),
        ({"account_ids": []}, "validation_error"),
        ({"account_id": 1}, "invalid_field_name"),
        ([], "validation_error"),
    ],
)
def test_retry_that_is_refused_changes_nothing(ada, post, body, code):
    refused(retry(ada, post, body), 400, code)

    assert Event.objects.count() == 0
    assert post.destinations.filter(status="failed").count() == 2


@cases(
    ("status", "row"), [("draft", "queued"), ("scheduled", "queued"), ("published", "published")]
)
def test_retry_of_nothing_failed_is_a_200_with_a_count_of_0(ada, x, status, row):
    post = make_post(ada.workspace, [x], status=row, due_at=None)
    Post.objects.filter(pk=post.pk).update(status=status)
    before = stored()

    assert data_of(retry(ada, post)) == {"retried_count": 0, "destinations": []}
    assert stored() == before


@cases("sibling", ["queued", "publishing"])
def test_retry_is_allowed_while_siblings_are_on_their_way(ada, post, sibling):
    post.destinations.filter(platform="linkedin").update(status=sibling, platform_post_id="")
    before = post.destinations.filter(platform="linkedin").values().get()

    [row] = retry(ada, post).json()["data"]["destinations"]

    assert (row["platform"], row["new_status"]) == ("x", "queued")
    assert post.destinations.filter(platform="linkedin").values().get() == before


def test_retry_keeps_counting_attempts_and_clears_the_error(ada, post):
    path = f"/posts/{post.public_id}"
    assert ada.get(f"{path}/results").json()["data"][0]["error"] == "No."

    retry(ada, post)

    [row, *_] = ada.get(f"{path}/results").json()["data"]
    assert (row["platform"], row["status"], row["attempts"], row["error"]) == (
        "x",
        "queued",
        3,
        None,
    )
    assert ada.get(path).json()["data"]["status"] == "publishing"


@cases("kind", ["application/json", "application/x-www-form-urlencoded", ""])
def test_retry_needs_no_body_under_any_content_type(ada, post, kind):
    response = ada.post(f"/posts/{post.public_id}/retry", data=b"", content_type=kind)

    assert (response.status_code, response.json()["data"]["retried_count"]) == (200, 1)
