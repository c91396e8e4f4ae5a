"""Remind people of decisions that wait, and end the waiting of posts whose time has passed.

Reminders come after 24 and after 48 hours.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from destinations.jobs import isolated
from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import transitions
from destinations.state.transitions import Change
from posts.features.approval import record
from posts.features.approval.models import UNAPPROVED, Approval
from posts.features.approval.record import REMIND_AFTER, Action, Actor
from posts.models import Post

BY = "dovecote"
#: The most posts of one round.
MOST = 200


def remind() -> int:
    """Tell webhooks of posts that have waited for so long; returns how many."""
    waiting = Approval.objects.filter(remind_at__isnull=False, remind_at__lte=clock.now())
    ids = list(waiting.order_by("remind_at").values_list("post_id", flat=True)[:MOST])
    return isolated.each(_remind, ids, "remind")


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


#: The most posts of one sweep.
CODE = "missed_schedule"
ERROR = "It was not approved before {:%Y-%m-%d %H:%M:%S} UTC. Have it approved, then retry it."


def end_missed() -> int:
    """End the waiting of posts that are too late; returns how many. Safe at any number at once."""
    late = Approval.objects.filter(expires_at__isnull=False, expires_at__lte=clock.now())
    ids = list(late.order_by("expires_at").values_list("post_id", flat=True)[:MOST])
    return isolated.each(_end_missed, ids, "end_missed")


@transaction.atomic
def _end_missed(post_id: uuid.UUID) -> bool:
    """False: another process changes the post right now, or did."""
    theirs = Destination.objects.filter(post=post_id).order_by("pk")
    mine = Approval.objects.filter(post=post_id, expires_at__lte=clock.now())
    rows = list(theirs.select_for_update(skip_locked=True))
    post = Post.objects.select_for_update(skip_locked=True).filter(pk=post_id).first()
    approval = mine.select_for_update(skip_locked=True).first() if post else None
    if post is None or approval is None or len(rows) != theirs.count():
        return False
    end_as_missed(post, approval, rows)
    return True


def is_late(approval: Approval, now: datetime) -> bool:
    return approval.expires_at is not None and approval.expires_at <= now


def end_as_missed(post: Post, approval: Approval, rows: Iterable[Destination]) -> None:
    """Miss the post, under its locks: what waits for approval fails."""
    now, at = clock.now(), approval.expires_at
    approval.expires_at = approval.remind_at = None
    approval.save(update_fields=["expires_at", "remind_at"])
    if approval.status not in UNAPPROVED or post.status != Post.Status.SCHEDULED:
        return
    fields = {"error": ERROR.format(at), "error_code": CODE}
    changes = [
        Change(row.pk, None, fields, "not approved in time")
        for row in rows
        if row.status == Destination.Status.QUEUED and row.claim is None
    ]
    transitions.move_all({"refuse": changes}, by=BY)
    post.refresh_from_db(fields=["status", "updated_at"])
    record.write(post, Action.MISSED, Actor(BY), now, stage=approval.stage)
