"""Ends the waiting of posts whose time has passed before a person approved them.

They fail as `missed_schedule`, and are never published late by surprise: a retry publishes them
once they are approved.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from destinations.models import Destination
from destinations.runtime import clock
from destinations.state import transitions
from destinations.state.transitions import Change
from posts.features.approval.models import UNAPPROVED, Approval
from posts.features.approval.state import record
from posts.features.approval.state.record import Action, Actor
from posts.models import Post

BY = "dovecote"
#: The most posts of one sweep.
MOST = 200
CODE = "missed_schedule"
ERROR = "It was not approved before {:%Y-%m-%d %H:%M:%S} UTC. Have it approved, then retry it."


def sweep() -> int:
    """End the waiting of posts that are too late; returns how many. Safe at any number at once."""
    late = Approval.objects.filter(expires_at__isnull=False, expires_at__lte=clock.now())
    ids = list(late.order_by("expires_at").values_list("post_id", flat=True)[:MOST])
    return sum(_end(pk) for pk in ids)


@transaction.atomic
def _end(post_id: uuid.UUID) -> bool:
    """False: another process changes the post right now, or did."""
    theirs = Destination.objects.filter(post=post_id).order_by("pk")
    mine = Approval.objects.filter(post=post_id, expires_at__lte=clock.now())
    rows = list(theirs.select_for_update(skip_locked=True))
    post = Post.objects.select_for_update(skip_locked=True).filter(pk=post_id).first()
    approval = mine.select_for_update(skip_locked=True).first() if post else None
    if post is None or approval is None or len(rows) != theirs.count():
        return False
    end(post, approval, rows)
    return True


def is_late(approval: Approval, now: datetime) -> bool:
    return approval.expires_at is not None and approval.expires_at <= now


def end(post: Post, approval: Approval, rows: Iterable[Destination]) -> None:
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
