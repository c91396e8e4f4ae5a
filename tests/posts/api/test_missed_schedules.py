"""A workspace may say how late is too late; nothing is published by itself after that."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Attempt, Destination, Event
from destinations.publishing import plan
from posts.composing import destinations
from posts.models import Post, Workspace
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE

WHEN = datetime(2099, 3, 15, 14, tzinfo=UTC)
TEN = timedelta(minutes=10)


@pytest.fixture
def x(ada):
    Workspace.objects.update(missed_after_minutes=10)
    return make_account(ada.workspace, "x")


def compose(caller, account, **fields) -> Destination:
    body = {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE, **fields}
    post_id = caller.post("/posts", body).json()["data"]["post_id"]
    (row,) = (row for row in Destination.objects.all() if row.post.public_id == post_id)
    return row


def let_time_pass(late: timedelta) -> None:
    """Everything scheduled was to be public so long ago."""
    at = timezone.now() - late
    Post.objects.filter(scheduled_for__isnull=False).update(scheduled_for=at)
    Destination.objects.filter(due_at=WHEN).update(due_at=at, wanted_at=at, not_after=at + TEN)


def begin() -> dict:
    found = plan.start([claimed.key for claimed in claims.claim(10)], "worker:a")
    return {pk: job for pk, job in found.items() if job}


def test_the_latest_time_is_frozen_with_what_is_sent_and_moves_with_its_time(ada, x):
    row = compose(ada, x)
    assert row.not_after == WHEN + TEN

    ada.patch(f"/posts/{row.post.public_id}", {"scheduled_at": "2099-03-16T14:00:00Z"})

    row.refresh_from_db()
    assert row.not_after == WHEN + timedelta(days=1) + TEN


def test_a_draft_gets_its_latest_time_when_it_is_scheduled(ada, x):
    row = compose(ada, x, draft=True)
    assert row.not_after is None

    ada.post(f"/posts/{row.post.public_id}/schedule", {"scheduled_for": FUTURE})

    row.refresh_from_db()
    assert row.not_after == WHEN + TEN


@cases("fields", [{"scheduled_at": None}, {"draft": True}])
def test_what_has_no_time_of_its_own_is_never_too_late(ada, x, fields):
    assert compose(ada, x, **fields).not_after is None


def test_without_a_rule_a_late_post_is_published(ada, x):
    Workspace.objects.update(missed_after_minutes=None)
    compose(ada, x)
    Destination.objects.update(due_at=timezone.now() - timedelta(days=1))

    assert len(begin()) == 1


def test_a_post_that_is_late_but_not_too_late_is_published(ada, x):
    compose(ada, x)
    let_time_pass(timedelta(minutes=9))

    assert len(begin()) == 1


def test_a_post_that_is_too_late_fails_and_nothing_is_sent(ada, x):
    row = compose(ada, x)
    let_time_pass(timedelta(minutes=11))

    assert begin() == {}

    row.refresh_from_db()
    assert (row.status, row.error_code, row.attempts) == ("failed", "missed_schedule", 0)
    assert (row.due_at, row.next_retry_at, row.claim) == (None, None, None)
    event = Event.objects.latest("id")
    assert (event.move, event.reason) == ("refuse", row.error)
    assert Attempt.objects.count() == 0
    [result] = ada.get(f"/posts/{row.post.public_id}/results").json()["data"]
    assert result["error"] == (
        f"It had to be published by {row.not_after:%Y-%m-%d %H:%M:%S} UTC and was not; "
        "a retry publishes it now."
    )
    assert ada.get(f"/posts/{row.post.public_id}").json()["data"]["status"] == "failed"


def test_an_automatic_retry_that_comes_too_late_is_not_made(ada, x):
    row = compose(ada, x)
    let_time_pass(timedelta(minutes=11))
    Destination.objects.update(status="failed", attempts=1, next_retry_at=timezone.now())

    assert begin() == {}

    row.refresh_from_db()
    assert (row.status, row.error_code) == ("failed", "missed_schedule")


def test_what_was_begun_in_time_goes_on_to_its_end(ada, x):
    row = compose(ada, x)
    let_time_pass(timedelta(minutes=9))
    begin()
    Destination.objects.update(due_at=timezone.now(), not_after=timezone.now() - TEN)

    assert list(begin()) == [row.pk]


def test_a_persons_retry_publishes_it_all_the_same(ada, x):
    row = compose(ada, x)
    let_time_pass(timedelta(minutes=11))
    begin()

    data = ada.post(f"/posts/{row.post.public_id}/retry").json()["data"]

    assert data["retried_count"] == 1
    assert list(begin()) == [row.pk]


def test_a_changed_rule_holds_for_what_is_already_scheduled(ada, x, admin_client):
    row = compose(ada, x)
    draft = compose(ada, x, draft=True)
    retried = make_post(ada.workspace, [x], scheduled_for=WHEN, wanted_at=timezone.now())
    page = f"/admin/posts/workspace/{ada.workspace.pk}/change/"
    for minutes, latest in (("30", WHEN + 3 * TEN), ("", None)):
        form = {"name": "Acme", "missed_after_minutes": minutes, "approval_mode": "none"}
        answer = admin_client.post(page, form, follow=True)

        assert "The new rule applies to scheduled destinations: 1." in answer.content.decode()
        row.refresh_from_db()
        assert row.not_after == latest
    draft.refresh_from_db()
    assert (draft.not_after, retried.destinations.get().not_after) == (None, None)


def test_a_time_too_far_ahead_is_refused_on_every_way_in(ada, x):
    far = {"scheduled_at": "9999-12-31T23:59:59Z"}
    body = {"content": "Far", "account_ids": [x.pk], **far}
    scheduled, draft = compose(ada, x).post, compose(ada, x, draft=True).post

    refused(ada.post("/posts", body), 400, "validation_error")
    refused(ada.post("/posts", {**body, "draft": True}), 400, "validation_error")
    refused(ada.post("/posts/validate", body), 400, "validation_error")
    refused(ada.patch(f"/posts/{scheduled.public_id}", far), 400, "validation_error")
    refused(ada.post(f"/posts/{draft.public_id}/schedule", far), 400, "validation_error")
    many = ada.post("/posts/bulk", {"posts": [body]})

    assert many.status_code == 422
    assert many.json()["data"]["results"][0]["error"]["code"] == "validation_error"
    assert {post.scheduled_for for post in Post.objects.all()} == {WHEN}


def test_a_post_at_the_end_of_time_can_be_read_and_edited_under_any_rule(ada, x):
    """Such times were taken once."""
    row, last = compose(ada, x), destinations.LATEST
    Post.objects.update(scheduled_for=last)
    Destination.objects.update(due_at=last, wanted_at=last, not_after=None)

    assert destinations.apply_deadline(Workspace.objects.get()) == 1

    row.refresh_from_db()
    assert row.not_after == last
    assert ada.patch(f"/posts/{row.post.public_id}", {"content": "New"}).status_code == 200
    row.refresh_from_db()
    assert row.not_after == last


@cases("minutes", ["0", "-1", "40321", "soon"])
def test_a_rule_that_makes_no_sense_is_refused(ada, x, admin_client, minutes):
    page = f"/admin/posts/workspace/{ada.workspace.pk}/change/"

    admin_client.post(
        page, {"name": "Acme", "missed_after_minutes": minutes, "approval_mode": "none"}
    )

    assert Workspace.objects.get().missed_after_minutes == 10
