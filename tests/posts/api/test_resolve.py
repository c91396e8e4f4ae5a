"""A person's word over HTTP: POST /posts/{id}/destinations/{destination_id}/resolve."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from destinations.models import Destination, Event
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import refused

LINK = "https://x.com/acme/status/1876"
FOUND = {"outcome": "published", "platform_post_url": LINK}
NOT_FOUND = {"outcome": "not_published"}


@pytest.fixture
def row(ada, simulator) -> Destination:
    """May be live, beside one that is published."""
    accounts = [make_account(ada.workspace, key) for key in ("x", "linkedin")]
    post = make_post(ada.workspace, accounts, due_at=None, status="published")
    Post.objects.update(status="partial")
    post.destinations.filter(platform="x").update(
        status="failed", attempts=1, error="May be live.", error_code="outcome_unknown"
    )
    return post.destinations.get(platform="x")


def resolve(caller, row, body):
    post = row.post.public_id
    return caller.post(f"/posts/{post}/destinations/{row.public_id}/resolve", body)


def unchanged(row) -> bool:
    row.refresh_from_db()
    return (row.status, row.error_code) == ("failed", "outcome_unknown") and not row.events.exists()


def test_what_was_found_is_answered_as_published(bo, row):
    response = resolve(bo, row, FOUND)

    data = response.json()["data"]
    assert response.status_code == 200
    assert data.pop("published_at").endswith("Z")
    assert data == {
        "id": row.public_id,
        "platform": "x",
        "status": "published",
        "account_name": row.account_name,
        "account_id": row.account_number,
        "platform_post_id": "1876",
        "error": None,
        "attempts": 1,
        "platform_post_url": LINK,
        "next_retry_at": None,
    }
    event = Event.objects.get()
    assert (event.move, event.by) == ("confirm_published", f"key:{bo.key.prefix}")
    assert event.request_id == response.headers["X-Request-Id"]
    row.post.refresh_from_db()
    assert row.post.status == "published"


def test_an_id_and_a_time_may_be_given(ada, row):
    Destination.objects.update(created_at=datetime(2026, 1, 2, tzinfo=UTC))
    body = {**FOUND, "platform_post_id": "42", "published_at": "2026-01-02T03:04:05+01:00"}

    data = resolve(ada, row, body).json()["data"]

    assert data["platform_post_id"] == "42"
    assert data["published_at"] == "2026-01-02T02:04:05Z"


def test_a_clock_that_is_behind_ours_may_have_told_the_time(ada, row):
    told = (row.created_at - timedelta(minutes=5)).replace(microsecond=0)

    data = resolve(ada, row, {**FOUND, "published_at": told.isoformat()}).json()["data"]

    assert datetime.fromisoformat(data["published_at"]) == told


def test_what_was_not_found_stays_failed_and_a_retry_takes_it(ada, row):
    data = resolve(ada, row, NOT_FOUND).json()["data"]

    assert (data["status"], data["next_retry_at"]) == ("failed", None)
    assert data["error"] == "A person checked and confirmed that it was not published."
    row.post.refresh_from_db()
    assert row.post.status == "partial"
    retried = ada.post(f"/posts/{row.post.public_id}/retry").json()["data"]
    assert retried["retried_count"] == 1


@cases(
    ("body", "code", "field"),
    [
        ({}, "validation_error", "outcome"),
        ({"outcome": "lost"}, "validation_error", "outcome"),
        ({"outcome": "published"}, "validation_error", "platform_post_url"),
        ({**FOUND, "platform_post_url": "x.com/1"}, "validation_error", "platform_post_url"),
        ({**FOUND, "platform_post_url": "ftp://x.com/1"}, "validation_error", "platform_post_url"),
        ({**FOUND, "platform_post_url": 1}, "validation_error", "platform_post_url"),
        ({**FOUND, "platform_post_id": 42}, "validation_error", "platform_post_id"),
        ({**FOUND, "platform_post_id": "4" * 301}, "validation_error", "platform_post_id"),
        ({**FOUND, "published_at": "2099-01-01T00:00:00Z"}, "validation_error", "published_at"),
        ({**FOUND, "published_at": "2026-01-01T00:00:00"}, "validation_error", "published_at"),
        ({**FOUND, "published_at": "2026-01-01T00:00:00Z"}, "validation_error", "published_at"),
        ({**FOUND, "published_at": "0001-01-01T00:00:00Z"}, "validation_error", "published_at"),
        (
            {**FOUND, "published_at": "0001-01-01T00:00:00+14:00"},
            "validation_error",
            "published_at",
        ),
        (
            {**FOUND, "published_at": "9999-12-31T23:59:59-14:00"},
            "validation_error",
            "published_at",
        ),
        ({**NOT_FOUND, "platform_post_url": LINK}, "validation_error", "platform_post_url"),
        ({**FOUND, "url": LINK}, "invalid_field_name", "url"),
    ],
)
def test_a_refused_word_names_the_field_and_changes_nothing(ada, row, body, code, field):
    details = refused(resolve(ada, row, body), 400, code)["details"]

    named = details.get("field") or details["validation_errors"][0]["field"]
    assert named == field
    assert unchanged(row)


def test_a_body_that_is_no_object_changes_nothing(ada, row):
    refused(resolve(ada, row, []), 400, "validation_error")

    assert unchanged(row)


@cases("body", [FOUND, NOT_FOUND])
@cases(
    "fields",
    [
        {"status": "published"},
        {"status": "publishing"},
        {"error_code": "content_rejected"},
        {"claim": uuid.uuid4()},
    ],
)
def test_what_waits_for_no_word_is_a_conflict(ada, row, body, fields):
    Destination.objects.filter(pk=row.pk).update(**fields)

    refused(resolve(ada, row, body), 409, "conflict")

    assert Event.objects.count() == 0


def test_a_second_word_is_a_conflict(ada, bo, row):
    assert resolve(ada, row, FOUND).status_code == 200

    refused(resolve(bo, row, NOT_FOUND), 409, "conflict")

    row.refresh_from_db()
    assert row.status == "published"


def test_anothers_post_is_a_conflict(ada, row):
    Destination.objects.filter(pk=row.pk).update(platform_post_id="")
    twin = make_post(ada.workspace, [row.account], due_at=None, status="published")
    twin.destinations.update(platform_post_id="1876")

    error = refused(resolve(ada, row, FOUND), 409, "conflict")

    assert error["message"] == "This post belongs to another destination."
    assert unchanged(row)


@cases("destination_id", ["dest_1", "nonsense", "post_1"])
def test_a_destination_that_is_not_of_the_post_is_missing(ada, row, destination_id):
    path = f"/posts/{row.post.public_id}/destinations/{destination_id}/resolve"

    refused(ada.post(path, FOUND), 404, "not_found")

    assert unchanged(row)


def test_a_destination_of_another_post_is_missing(ada, row):
    other = make_post(ada.workspace, [row.account])
    path = f"/posts/{other.public_id}/destinations/{row.public_id}/resolve"

    refused(ada.post(path, FOUND), 404, "not_found")

    assert unchanged(row)
