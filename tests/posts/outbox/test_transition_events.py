"""What receivers are told of destinations' moves, in the transaction of the move."""

import uuid
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import transitions
from posts.models import Post, Workspace
from tests.factories import make_account, make_post, make_workspace
from tests.posts.features.webhooks.webhook_factories import make_webhook, told

pytestmark = pytest.mark.django_db
AT = timezone.now().replace(microsecond=0)


@pytest.fixture
def workspace() -> Workspace:
    workspace = make_workspace()
    make_webhook(workspace)
    return workspace


def make(workspace: Workspace, count: int = 1, **fields: Any) -> tuple[Post, list[Destination]]:
    post = make_post(workspace, [make_account(workspace) for _ in range(count)], **fields)
    return post, list(post.destinations.order_by("position"))


def move(row: Destination, name: str, **fields: Any) -> None:
    row.refresh_from_db()
    assert transitions.move(name, row.pk, by="test", claim=row.claim, **fields)


def start(row: Destination) -> None:
    row.refresh_from_db()
    change = transitions.Change(
        row.pk, row.claim, {"claim": uuid.uuid4(), "attempts": row.attempts + 1}
    )
    assert transitions.move_all({"start": [change]}, by="test")


def publish(row: Destination) -> None:
    start(row)
    url = "https://x.com/acme/status/7"
    move(row, "succeed", published_at=AT, platform_post_id="7", platform_post_url=url)


def fail(row: Destination, code: str = "rejected") -> None:
    start(row)
    move(row, "fail", error="No.", error_code=code)


def names(workspace: Workspace) -> list[str]:
    return [name for name, _ in told(workspace)]


def test_publishing_and_published_are_told_with_what_receivers_need(workspace: Workspace) -> None:
    post, (row,) = make(workspace, scheduled_for=AT)
    Post.objects.filter(pk=post.pk).update(metadata={"order": 7})
    publish(row)
    about = {
        "post_id": str(post.pk),
        "destination_id": str(row.pk),
        "platform": "x",
        "account_id": row.account_number,
        "account_name": row.account_name,
    }
    at = AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert told(workspace) == [
        ("post.publishing", {**about, "scheduled_for": at, "metadata": {"order": 7}}),
        (
            "post.published",
            {
                **about,
                "published_at": at,
                "platform_post_url": "https://x.com/acme/status/7",
                "platform_post_id": "7",
                "attempts": 1,
                "metadata": {"order": 7},
            },
        ),
    ]


def test_a_retry_that_follows_by_itself_tells_nothing(workspace: Workspace) -> None:
    _, (row,) = make(workspace)
    start(row)
    move(row, "retry_soon", next_retry_at=AT, error="Busy.", error_code="unavailable")
    start(row)
    move(row, "retry", next_retry_at=AT, error="Busy.", error_code="unavailable")
    start(row)
    assert names(workspace) == ["post.publishing"]
    move(row, "succeed", published_at=AT)
    assert names(workspace) == ["post.publishing", "post.published"]


def test_a_final_failure_is_told_and_again_after_a_manual_retry(workspace: Workspace) -> None:
    _, (row,) = make(workspace)
    fail(row)
    move(row, "requeue", due_at=AT)
    fail(row, "outcome_unknown")
    assert names(workspace) == ["post.publishing", "post.failed", "post.failed"]
    first, second = (data for name, data in told(workspace, "post.failed"))
    assert (first["error"], first["error_code"], first["attempts"]) == ("No.", "rejected", 1)
    assert first["may_be_live"] is False
    assert second["may_be_live"] is True
    assert second["attempts"] == 2


def test_a_refusal_and_a_doubt_after_a_restore_are_failures(workspace: Workspace) -> None:
    _, (refused, doubtful) = make(workspace, 2)
    move(refused, "refuse", error="Too late.", error_code="missed_schedule")
    move(doubtful, "mark_possibly_published", error="?", error_code="outcome_unknown")
    assert [data["error_code"] for _, data in told(workspace, "post.failed")] == [
        "missed_schedule",
        "outcome_unknown",
    ]


def test_what_a_person_finds_published_is_told_and_what_is_not_public_is_not(
    workspace: Workspace,
) -> None:
    _, (found, absent) = make(workspace, 2)
    fail(found, "outcome_unknown")
    fail(absent, "outcome_unknown")
    move(found, "confirm_published", published_at=AT)
    move(absent, "confirm_not_published", error="No.", error_code="not_published")
    assert names(workspace).count("post.published") == 1
    assert names(workspace).count("post.failed") == 2


def test_a_post_that_settles_with_both_kinds_is_told_once(workspace: Workspace) -> None:
    post, (first, second, third) = make(workspace, 3)
    publish(first)
    fail(second)
    assert told(workspace, "post.partially_failed") == []
    publish(third)
    ((_, data),) = told(workspace, "post.partially_failed")
    assert (data["post_id"], data["published"], data["failed"]) == (str(post.pk), 2, 1)
    assert [(each["status"], each["error"]) for each in data["destinations"]] == [
        ("published", None),
        ("failed", "No."),
        ("published", None),
    ]


def test_a_post_with_a_retry_to_come_has_not_settled(workspace: Workspace) -> None:
    post, (first, second) = make(workspace, 2)
    publish(first)
    start(second)
    move(second, "retry", next_retry_at=AT, error="Busy.", error_code="unavailable")
    post.refresh_from_db()
    assert post.status == "partial"
    assert told(workspace, "post.partially_failed") == []
    fail(second)
    assert len(told(workspace, "post.partially_failed")) == 1


def test_a_person_s_word_settles_a_post_once(workspace: Workspace) -> None:
    _, (first, second, third) = make(workspace, 3)
    for row in (first, second, third):
        fail(row, "outcome_unknown")
    assert told(workspace, "post.partially_failed") == []
    move(first, "confirm_published", published_at=AT)
    move(second, "confirm_published", published_at=AT)
    move(third, "confirm_not_published", error="No.", error_code="not_published")
    assert len(told(workspace, "post.partially_failed")) == 1


def test_moves_of_both_kinds_in_one_transaction_settle_a_post_once(workspace: Workspace) -> None:
    _, (first, second) = make(workspace, 2)
    start(first)
    start(second)
    first.refresh_from_db()
    second.refresh_from_db()
    done = {"succeed": (first, {"published_at": AT}), "fail": (second, {"error_code": "no"})}
    changes = {
        name: [transitions.Change(row.pk, row.claim, fields)]
        for name, (row, fields) in done.items()
    }
    transitions.move_all(changes, by="test")
    assert sorted(names(workspace)[2:]) == [
        "post.failed",
        "post.partially_failed",
        "post.published",
    ]


def test_a_move_that_is_rolled_back_or_comes_too_late_tells_nothing(workspace: Workspace) -> None:
    _, (row,) = make(workspace)
    with transaction.atomic():
        start(row)
        transaction.set_rollback(True)
    assert not transitions.move("succeed", row.pk, by="test", published_at=AT)
    assert told(workspace) == []


def test_moves_are_told_while_the_only_webhook_is_off_and_not_without_one() -> None:
    off, without = make_workspace(), make_workspace("Without")
    make_webhook(off, "post.published", is_active=False)
    for workspace in (off, without):
        _, (first, second) = make(workspace, 2)
        publish(first)
        fail(second)
    told_of_one = ["post.publishing", "post.published", "post.publishing", "post.failed"]
    assert names(off) == [*told_of_one, "post.partially_failed"]
    assert names(without) == []


def test_a_move_needs_no_statement_more(
    workspace: Workspace, django_assert_num_queries: Any
) -> None:
    _, (row,) = make(workspace)
    clock.now()  # measures it
    with django_assert_num_queries(2):  # one reads the row
        start(row)
    row.refresh_from_db()
    change = transitions.Change(row.pk, row.claim, {"published_at": AT})
    with django_assert_num_queries(2):
        transitions.move_all({"succeed": [change]}, by="test")
