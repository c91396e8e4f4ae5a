"""Lets destinations wait for an approval, and go on, in the transaction that says so."""

from collections.abc import Collection
from datetime import datetime

from destinations.dispatch import enqueue
from destinations.models import Destination, Event
from posts.composing import deadline, destinations
from posts.features.approval.locked import Reviewed
from posts.features.approval.state.record import Actor
from posts.features.repeating.models import Occurrence
from posts.models import Post

QUEUED = Destination.Status.QUEUED


def hold(reviewed: Reviewed, actor: Actor, now: datetime) -> None:
    """Take the due times away, until the post is approved. A draft's destinations wait already."""
    post = reviewed.post
    if post.status == Post.Status.SCHEDULED:
        destinations.note_change(post, reviewed.rows)
        _write(reviewed.rows, {"due_at": None}, "await_approval", actor, now)
        touch(post, now)


def let_go(reviewed: Reviewed, actor: Actor, now: datetime) -> None:
    """Publish the post at its time; at once without one; not if its queue holds it.

    The caller saves the post's status (`touch`).
    """
    post = reviewed.post
    if post.status != Post.Status.SCHEDULED:
        return
    post.status = Post.Status.SCHEDULED if post.scheduled_for else Post.Status.PUBLISHING
    at = post.scheduled_for or now
    fields = {
        "due_at": None if post.is_held else at,
        "wanted_at": at,
        "not_after": deadline.not_after(post),
    }
    _write(reviewed.rows, fields, "approve", actor, now)
    if post.scheduled_for is None:
        enqueue.wake_after_commit()


def touch(post: Post, now: datetime) -> None:
    """Save the status, and that the post changed: who looked before must look again."""
    # To the rule that made the post a decision is no edit of it.
    made = Occurrence.objects.filter(post_id=post.pk, written_at=post.updated_at)
    made.update(written_at=now)
    post.updated_at = now
    post.save(update_fields=["status", "updated_at"])


def _write(
    rows: Collection[Destination],
    fields: dict[str, datetime | None],
    move: str,
    actor: Actor,
    now: datetime,
) -> None:
    waiting = [row for row in rows if row.status == QUEUED and row.claim is None]
    Destination.objects.filter(pk__in=[row.pk for row in waiting]).update(**fields, updated_at=now)
    Event.objects.bulk_create(
        Event(
            destination=row,
            at=now,
            move=move,
            from_status=QUEUED,
            to_status=QUEUED,
            by=actor.by,
            request_id=actor.request_id,
        )
        for row in waiting
    )
