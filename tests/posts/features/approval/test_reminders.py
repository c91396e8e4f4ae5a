"""People are asked again after 24 and after 48 hours, and no more."""

from datetime import timedelta

from destinations.runtime import clock
from posts.features.approval import overdue
from posts.features.approval.models import Approval, ApprovalEvent
from tests.posts.factories import FUTURE
from tests.posts.features.approval.conftest import Mode, require, write
from tests.posts.features.approval.decide_steps import approve
from tests.posts.features.webhooks.webhook_factories import make_webhook
from tests.posts.features.webhooks.webhook_factories import told as events


def pass_hours() -> None:
    past = clock.now() - timedelta(seconds=1)
    Approval.objects.filter(remind_at__isnull=False).update(remind_at=past)


def test_two_reminders_are_told_and_kept(ada, account, required):
    make_webhook(ada.workspace, "post.approval_requested")
    write(ada, account, scheduled_at=FUTURE)
    assert overdue.remind() == 0

    told = []
    for _ in range(3):
        pass_hours()
        told.append(overdue.remind())

    assert told == [1, 1, 0]
    asked = [data for _, data in events(ada.workspace, "post.approval_requested")]
    assert [each.get("reminder") for each in asked] == [None, 1, 2]
    assert ApprovalEvent.objects.filter(action="reminded").count() == 2


def test_each_reminder_comes_a_day_after_the_last(ada, account, required):
    write(ada, account, scheduled_at=FUTURE)
    for _ in range(2):
        wait = Approval.objects.get().remind_at - clock.now()
        assert timedelta(hours=23) < wait <= timedelta(hours=24)
        pass_hours()
        overdue.remind()


def test_a_reminder_that_fails_keeps_no_other_from_being_told(ada, account, required, monkeypatch):
    bad, _ = [write(ada, account, scheduled_at=FUTURE) for _ in range(2)]
    pass_hours()
    tell = overdue.record.tell

    def breaks(post, *said, **more):
        if post.pk == bad.pk:
            raise ZeroDivisionError
        tell(post, *said, **more)

    monkeypatch.setattr(overdue.record, "tell", breaks)

    assert overdue.remind() == 1
    assert Approval.objects.get(pk=bad.pk).reminders == 0


def test_the_second_stage_has_its_own_reminders(ada, account):
    require(ada, Mode.REQUIRED_INTERNAL_AND_CLIENT)
    post = write(ada, account, scheduled_at=FUTURE)
    pass_hours()
    assert overdue.remind() == 1

    approve(post)

    asked_again = []
    for _ in range(3):
        pass_hours()
        asked_again.append(overdue.remind())
    assert asked_again == [1, 1, 0]


def test_a_decision_tells_webhooks_its_comment(ada, account, required):
    make_webhook(ada.workspace, "post.approved")
    approve(write(ada, account, scheduled_at=FUTURE), comment="Fine")
    approve(write(ada, account, scheduled_at=FUTURE))

    told = [data["comment"] for _, data in events(ada.workspace, "post.approved")]
    assert told == ["Fine", None]


def test_what_is_decided_is_not_asked_about(post):
    approve(post)
    pass_hours()

    assert overdue.remind() == 0
