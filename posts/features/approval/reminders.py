"""Asks again, after 24 and after 48 hours, about posts that wait for a decision."""

import uuid

from django.db import transaction

from destinations.runtime import clock
from posts.features.approval.models import Approval
from posts.features.approval.state import record
from posts.features.approval.state.record import REMIND_AFTER, Action, Actor

BY = "dovecote"
#: The most posts of one round.
MOST = 200


def remind() -> int:
    """Tell webhooks of posts that have waited for so long; returns how many."""
    waiting = Approval.objects.filter(remind_at__isnull=False, remind_at__lte=clock.now())
    ids = list(waiting.order_by("remind_at").values_list("post_id", flat=True)[:MOST])
    return sum(_remind(pk) for pk in ids)


@transaction.atomic
def _remind(post_id: uuid.UUID) -> bool:
    """False: another process changes the approval right now, or did."""
    now = clock.now()
    rows = Approval.objects.filter(pk=post_id, remind_at__lte=now).select_related("post")
    approval = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if approval is None or approval.remind_at is None:
        return False
    if approval.status != Approval.Status.PENDING:
        approval.remind_at = None
        approval.save(update_fields=["remind_at"])
        return False
    done = approval.reminders
    approval.reminders = done + 1
    is_last = approval.reminders >= len(REMIND_AFTER)
    pause = None if is_last else REMIND_AFTER[done + 1] - REMIND_AFTER[done]
    approval.remind_at = now + pause if pause else None
    approval.save(update_fields=["reminders", "remind_at"])
    actor = Actor(BY)
    record.write(approval.post, Action.REMINDED, actor, now, stage=approval.stage)
    record.tell(
        approval.post,
        Action.REQUESTED,
        actor,
        stage=approval.stage,
        reminder=approval.reminders,
    )
    return True
