"""Lock a post with its approval; let its destinations wait for a decision, and go on."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from destinations.dispatch import enqueue
from destinations.models import Destination, Event
from posts.composing import destinations
from posts.composing.changes import lock
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.approval import edits, summary
from posts.features.approval.edits import Version
from posts.features.approval.models import UNAPPROVED, Approval
from posts.features.approval.record import Actor
from posts.features.repeating.models import Occurrence
from posts.models import Post

UNASKED = "No person was asked to approve this post; POST …/request-approval asks."


@dataclass(frozen=True, slots=True)
class Reviewed:
    post: Post
    rows: list[Destination]
    approval: Approval | None
    version: Version

    @property
    def revision(self) -> str:
        return summary.revision(self.post, self.version)

    @property
    def asked(self) -> Approval:
        """Return the approval. Raises RequestRefused if no person was asked."""
        if self.approval is None or self.approval.status == Approval.Status.NONE:
            raise RequestRefused("conflict", UNASKED)
        return self.approval


def lock_reviewed(author: Author, post_id: uuid.UUID) -> Reviewed:
    """Lock the post. Raises RequestRefused if it is not there, or another request changes it."""
    post, rows = lock.lock_any(author, post_id)
    approval = Approval.objects.select_for_update().filter(post=post).first()
    version = edits.stored(post, [row.account_number for row in rows])
    return Reviewed(post, rows, approval, version)


def check_undecided(reviewed: Reviewed) -> None:
    """Raise RequestRefused if it is too late to say anything: the post has begun.

    One that was missed has failed without having begun, and may be approved before it is retried.
    """
    post, approval = reviewed.post, reviewed.approval
    is_missed = (
        post.status == Post.Status.FAILED and approval is not None and approval.status in UNAPPROVED
    )
    if not is_missed:
        lock.check_editable(post, reviewed.rows, deleting=False)


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
        "not_after": destinations.not_after(post),
    }
    _write(reviewed.rows, fields, "approve", actor, now)
    if post.scheduled_for is None:
        enqueue.WAKE.after_commit()


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
