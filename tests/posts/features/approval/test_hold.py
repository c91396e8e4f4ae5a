"""Nothing publishes a post before it is approved."""

import pytest

from destinations import manual_retry
from destinations.models import Destination, Event
from destinations.state import consistency
from posts.composing import compose
from posts.composing import consistency as posts_consistency
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.approval import overdue
from posts.features.approval.models import Approval, ApprovalEvent
from posts.features.operations import operations
from posts.features.webhooks.models import WebhookEvent
from posts.models import Post
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.factories import FUTURE
from tests.posts.features.approval.conftest import (
    Mode,
    claimed,
    due,
    make_due,
    pass_time,
    require,
    soon,
    state,
    write,
)
from tests.posts.features.approval.decide_steps import approve, ask, decide
from tests.posts.features.posting_queues.conftest import make_queue, put
from tests.posts.features.webhooks.webhook_factories import make_webhook


def findings():
    return consistency.find([*consistency.CHECKS, *posts_consistency.CHECKS])


def actions(post):
    return list(ApprovalEvent.objects.filter(post=post).values_list("action", flat=True))


def test_a_workspace_without_approval_writes_nothing_of_it(ada, account):
    post = write(ada, account, scheduled_at=FUTURE)

    assert due(post) is not None
    assert not Approval.objects.exists()


@pytest.mark.parametrize("time", [{"scheduled_at": FUTURE}, {}])
def test_a_post_that_needs_approval_is_scheduled_and_not_claimed(ada, account, required, time):
    post = write(ada, account, **time)
    make_due(post)

    assert state(post) == ("scheduled", "pending")
    assert due(post) is None
    assert claimed() == 0
    assert findings() == []


def test_approval_gives_the_time_back(post):
    time = Post.objects.get().scheduled_for

    approve(post)

    assert (state(post), due(post)) == (("scheduled", "approved"), time)
    make_due(post)
    assert claimed() == 1
    assert findings() == []
    moves = Event.objects.order_by("id").values_list("move", flat=True)
    assert list(moves) == ["compose", "approve"]


def test_a_post_for_now_is_published_when_it_is_approved(ada, account, required):
    post = write(ada, account)

    approve(post)

    assert state(post) == ("publishing", "approved")
    assert claimed() == 1
    assert findings() == []


def test_a_post_whose_time_passes_is_missed_and_not_published_late(ada, account, required):
    make_webhook(ada.workspace, "post.failed")
    post = write(ada, account, scheduled_at=FUTURE)
    pass_time(post)

    assert overdue.end_missed() == 1
    assert overdue.end_missed() == 0

    row = Destination.objects.get()
    assert (row.status, row.error_code, row.due_at) == ("failed", "missed_schedule", None)
    assert state(post) == ("failed", "pending")
    assert actions(post) == ["requested", "missed"]
    assert WebhookEvent.objects.order_by("id").last().event == "post.failed"
    assert findings() == []


def test_who_approves_too_late_publishes_nothing_and_a_retry_does(post):
    pass_time(post)

    approve(post)

    row = Destination.objects.get()
    assert (row.error_code, state(post)) == ("missed_schedule", ("failed", "approved"))
    assert claimed() == 0
    assert len(manual_retry.requeue([row.pk], by="key:ada").moved) == 1
    assert claimed() == 1


def test_a_missed_post_is_not_retried_before_it_is_approved(ada, post):
    pass_time(post)
    overdue.end_missed()
    row = Destination.objects.get()

    answer = ada.post(f"/posts/{post.public_id}/retry")

    assert manual_retry.requeue([row.pk], by="operator:o").skipped[0].reason == "not_approved"
    assert (answer.status_code, answer.json()["data"]["retried_count"]) == (200, 0)
    assert claimed() == 0
    approve(post)
    assert len(manual_retry.requeue([row.pk], by="operator:o").moved) == 1


def test_an_edit_after_approval_returns_the_post_with_a_difference(ada, account, required, request):
    for change in ({"content": "Ho"}, {"scheduled_at": "2099-04-01T00:00:00Z"}, {"media_ids": []}):
        with apart(change):
            post = write(ada, account, scheduled_at=FUTURE)
            approve(post)

            assert ada.patch(f"/posts/{post.public_id}", change).status_code == 200

            if "media_ids" in change:
                assert state(post)[1] == "approved"  # it had none
                continue
            assert (state(post), due(post)) == (("scheduled", "pending"), None)
            edited, requested = ApprovalEvent.objects.order_by("-id")[:2][::-1]
            assert (edited.action, requested.action) == ("edited", "requested")
            (name,) = edited.changes
            assert edited.changes[name]["before"] != edited.changes[name]["after"]


def test_other_accounts_return_the_post_too(ada, account, post):
    other = make_account(ada.workspace, "x")
    approve(post)

    ada.patch(f"/posts/{post.public_id}", {"account_ids": [account.pk, other.pk]})

    assert state(post)[1] == "pending"
    assert not Destination.objects.filter(due_at__isnull=False).exists()


def test_what_is_not_approved_may_change_after_approval(ada, post):
    approve(post)

    ada.patch(f"/posts/{post.public_id}", {"metadata": {"a": "b"}})

    assert state(post)[1] == "approved"
    assert due(post) is not None


def test_changes_that_are_asked_for_bring_the_post_back(ada, account, required):
    post = write(ada, account)
    decide(post, "changes_requested", comment="Shorter")
    assert state(post) == ("scheduled", "changes_requested")

    ada.patch(f"/posts/{post.public_id}", {"content": "Ho"})

    assert state(post) == ("scheduled", "pending")
    assert claimed() == 0


def test_a_rejected_post_stays_rejected_until_it_is_asked_for_again(ada, post):
    approve(post)
    decide(post, "rejected", comment="No")
    ada.patch(f"/posts/{post.public_id}", {"content": "Ho"})

    assert (state(post)[1], due(post)) == ("rejected", None)
    ask(post)
    assert state(post)[1] == "pending"


def test_the_client_approves_after_the_first_stage(ada, account):
    require(ada, Mode.REQUIRED_INTERNAL_AND_CLIENT)
    post = write(ada, account, scheduled_at=FUTURE)

    approve(post, stage="internal")
    assert (state(post)[1], due(post)) == ("pending", None)
    with pytest.raises(RequestRefused, match="client"):
        approve(post, by="key:other", stage="internal")
    approve(post, stage="client")

    assert state(post)[1] == "approved"
    assert due(post) is not None


def test_what_its_own_people_refuse_the_client_alone_cannot_approve(ada, account):
    require(ada, Mode.REQUIRED_INTERNAL_AND_CLIENT)
    post = write(ada, account, scheduled_at=FUTURE)
    approve(post, stage="internal")
    decide(post, "rejected", stage="internal", comment="No")

    with pytest.raises(RequestRefused, match="internal"):
        approve(post, by="link:1", stage="client")
    assert due(post) is None


def test_an_edit_between_the_stages_begins_with_the_first_one(ada, account):
    require(ada, Mode.REQUIRED_INTERNAL_AND_CLIENT)
    post = write(ada, account, scheduled_at=FUTURE)
    approve(post, stage="internal")

    ada.patch(f"/posts/{post.public_id}", {"content": "Ho"})

    assert Approval.objects.get().stage == "internal"


def test_a_draft_is_asked_for_when_it_is_scheduled(ada, account, required):
    post = write(ada, account, draft=True)
    assert state(post) == ("draft", "none")

    ada.post(f"/posts/{post.public_id}/schedule", {"scheduled_at": soon()})

    assert state(post) == ("scheduled", "pending")
    assert due(post) is None


def test_a_draft_that_is_published_now_waits(ada, account, required):
    post = write(ada, account, draft=True)

    ada.post(f"/posts/{post.public_id}/schedule", {"publish_now": True})

    assert state(post) == ("scheduled", "pending")
    assert claimed() == 0


def test_a_draft_that_was_approved_is_published_as_it_was_approved(ada, account, required):
    post = write(ada, account, draft=True)
    ask(post)
    approve(post)

    ada.post(f"/posts/{post.public_id}/schedule", {"publish_now": True})

    assert state(post) == ("publishing", "approved")
    assert claimed() == 1


def test_where_it_is_optional_only_a_post_that_was_asked_for_waits(ada, account):
    require(ada, Mode.OPTIONAL)
    free, asked = write(ada, account, scheduled_at=FUTURE), write(ada, account, scheduled_at=FUTURE)
    ask(asked)

    assert due(free) is not None
    assert due(asked) is None


def test_a_post_that_is_older_than_the_rule_waits_once_it_is_changed(ada, account):
    post = write(ada, account, scheduled_at=FUTURE)
    require(ada)

    ada.patch(f"/posts/{post.public_id}", {"content": "Ho"})

    assert (state(post)[1], due(post)) == ("pending", None)
    assert Approval.objects.get().created_by == f"key:{ada.key.prefix}"


def test_what_waits_goes_on_waiting_when_the_rule_ends(ada, post):
    require(ada, Mode.NONE)
    ada.patch(f"/posts/{post.public_id}", {"content": "Ho"})

    assert (state(post)[1], due(post)) == ("pending", None)


def test_a_queue_that_is_resumed_or_reshuffled_lets_nothing_slip(ada, account, required):
    queue = make_queue(ada)["id"]
    post = put(ada, account, queue)
    for change in (
        {"active": False},
        {"active": True},
        {"slots": [{"day_of_week": 1, "time": "07:07"}]},
    ):
        assert (
            ada.patch(f"/queues/{queue}", {**change, "reshuffle_existing": True}).status_code == 200
        )
        assert due(post) is None

    approve(post)
    assert due(post) == Post.objects.get().scheduled_for
    assert findings() == []


def test_a_queue_that_moves_an_approved_post_returns_it(ada, account, required):
    queue = make_queue(ada)["id"]
    post = put(ada, account, queue)
    approve(post)

    slots = [{"day_of_week": 1, "time": "07:07"}]
    ada.patch(f"/queues/{queue}", {"slots": slots, "reshuffle_existing": True})

    assert (state(post)[1], due(post)) == ("pending", None)
    assert "edited" in actions(post)


def test_a_post_that_its_queue_holds_is_not_missed(ada, account, required):
    queue = make_queue(ada)["id"]
    post = put(ada, account, queue)
    ada.patch(f"/queues/{queue}", {"active": False})
    pass_time(post)

    assert overdue.end_missed() == 0
    approve(post)
    assert due(post) is None
    ada.patch(f"/queues/{queue}", {"active": True})
    assert state(post)[1] == "pending", "it got another time"


def test_an_operator_publishes_it_now_only_with_the_permission_to_approve(post):
    done = operations.publish_now([post.pk], by="operator:eve")
    assert [each.reason for each in done.skipped] == [
        "it needs approval, and you may not approve posts"
    ]
    assert claimed() == 0
    done = operations.publish_now([post.pk], by="operator:eve", may_approve=True)

    assert len(done.moved) == 1
    assert state(post) == ("publishing", "approved")
    assert actions(post)[-1] == "overridden"
    assert claimed() == 1


def test_a_repair_of_lost_clocks_winds_none_of_an_unapproved_post(ada, account, required):
    write(ada, account, scheduled_at=FUTURE)
    for check in posts_consistency.CHECKS:
        if check.name == "queued_without_clock":
            check.repair()

    assert not Destination.objects.filter(due_at__isnull=False).exists()


def test_a_clock_of_an_unapproved_post_is_a_finding(ada, account, required):
    write(ada, account, scheduled_at=FUTURE)
    Destination.objects.update(due_at="2099-01-01T00:00:00Z")

    assert "unapproved_on_its_way" in [each.check.name for each in findings()]


def test_a_post_that_waits_can_be_deleted(ada, account, required):
    post = write(ada, account)

    assert ada.delete(f"/posts/{post.public_id}").status_code == 200
    assert not Approval.objects.exists()


def test_who_wrote_the_post_cannot_approve_it(ada, post):
    author = Author(ada.workspace.pk, "key:editor")
    compose.edit(author, post.pk, {"content": "Ho"})

    for by in (f"key:{ada.key.prefix}", "key:editor"):
        with pytest.raises(RequestRefused) as refused:
            approve(post, by=by)
        assert refused.value.code == "own_post"
    assert state(post)[1] == "pending"


def test_the_version_that_was_seen_is_the_one_that_is_approved(post):
    with pytest.raises(RequestRefused, match="changed since"):
        approve(post, revision="0" * 16)
    assert due(post) is None


def test_a_request_is_told_to_webhooks_in_its_transaction(ada, account, required):
    make_webhook(ada.workspace, "post.approval_requested", "post.approved")
    post = write(ada, account, scheduled_at=FUTURE)
    approve(post, comment="Fine")

    told = list(WebhookEvent.objects.order_by("id").values_list("event", flat=True))
    assert told == ["post.scheduled", "post.approval_requested", "post.approved"]
