import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Destination, Event
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.conftest import refused


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


def test_only_what_failed_for_certain_is_tried_again(bo, post, django_capture_on_commit_callbacks):
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
    assert (event.move, event.by) == ("revive", f"key:{bo.key.prefix}")
    others = post.destinations.exclude(platform="x").order_by("platform")
    assert [other.status for other in others] == ["published", "failed"]


def test_what_may_be_public_needs_a_persons_word(ada, post):
    data = retry(ada, post, {"confirm_not_published": True}).json()["data"]

    assert [row["platform"] for row in data["destinations"]] == ["x", "threads"]


def test_a_second_retry_finds_nothing_failed(ada, post):
    retry(ada, post)

    assert retry(ada, post).json()["data"] == {"retried_count": 0, "destinations": []}


def test_a_retry_that_waits_is_made_now_and_one_at_work_is_left_alone(ada, post):
    later = timezone.now() + timedelta(minutes=15)
    rows = Destination.objects.filter(platform="x")
    rows.update(next_retry_at=later, due_at=later, claim=uuid.uuid4())

    assert retry(ada, post).json()["data"]["retried_count"] == 0

    rows.update(claim=None)
    assert retry(ada, post).json()["data"]["retried_count"] == 1
    row = rows.get()
    assert row.next_retry_at is None
    assert row.due_at < later


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"confirm_not_published": "true"}, "validation_error"),
        ({"confirm_not_published": 1}, "validation_error"),
        ({"confirm_not_published": None}, "validation_error"),
        ({"account_ids": [1]}, "invalid_accounts"),
        ({"account_ids": []}, "validation_error"),
        ({"account_id": 1}, "invalid_field_name"),
        ([], "validation_error"),
    ],
)
def test_a_refused_retry_changes_nothing(ada, post, body, code):
    refused(retry(ada, post, body), 400, code)

    assert Event.objects.count() == 0
    assert post.destinations.filter(status="failed").count() == 2


def test_only_the_accounts_asked_for_are_tried_again(ada, post):
    rows = {row.platform: row for row in post.destinations.all()}
    wanted = [rows["linkedin"].account_number, rows["threads"].account_number]

    assert retry(ada, post, {"account_ids": wanted}).json()["data"]["retried_count"] == 0

    body = {"account_ids": wanted, "confirm_not_published": True}
    data = retry(ada, post, body).json()["data"]
    assert [each["id"] for each in data["destinations"]] == [rows["threads"].public_id]
    assert post.destinations.get(platform="x").status == "failed"


def test_a_stranger_retries_nothing(cy, post):
    refused(retry(cy, post), 404, "not_found")

    assert Event.objects.count() == 0
    assert post.destinations.filter(status="failed").count() == 2
