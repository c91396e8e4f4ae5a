"""Write what happened to an approval: its history and the events of webhooks."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from destinations.models import Event
from posts.composing.destinations import Author
from posts.features.approval.models import Approval, ApprovalEvent
from posts.models import Post
from posts.outbox import outbox

Action = ApprovalEvent.Action
#: After so long without a decision people are asked again.
REMIND_AFTER = (timedelta(hours=24), timedelta(hours=48))
#: A post that is to be published at once waits so long for its approval.
NOW_WAITS = timedelta(days=7)
#: The events of webhooks.
EVENTS = {
    Action.REQUESTED: "post.approval_requested",
    Action.APPROVED: "post.approved",
    Action.OVERRIDDEN: "post.approved",
    Action.CHANGES_REQUESTED: "post.changes_requested",
    Action.REJECTED: "post.rejected",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program: `key:…`, `operator:…`, `link:…`; `name` is what they call themselves."""

    by: str
    request_id: str = ""
    name: str = ""

    @classmethod
    def of(cls, author: Author) -> Self:
        return cls(author.by, author.request_id)


def write(
    post: Post, action: Action, actor: Actor, at: datetime, *, stage: str = "", **fields: Any
) -> ApprovalEvent:
    """Add a row to the post's history, in the caller's transaction."""
    return ApprovalEvent.objects.create(
        post=post,
        action=action,
        stage=stage,
        at=at,
        by=actor.by,
        name=actor.name,
        request_id=actor.request_id,
        **fields,
    )


def tell(
    post: Post, action: Action, actor: Actor, *, stage: str, comment: str = "", **more: Any
) -> None:
    """Tell webhooks, in the caller's transaction."""
    said = {
        "post_id": post.pk,
        "by": actor.name or actor.by,
        "comment": comment or None,
        "stage": stage,
    }
    outbox.emit(post.workspace_id, EVENTS[action], {**said, **more}, post.metadata)


def ask(approval: Approval, post: Post, actor: Actor, now: datetime, message: str = "") -> None:
    """Await a decision from the first stage on; the caller saves the row."""
    approval.status = Approval.Status.PENDING
    approval.stage = Approval.Stage.INTERNAL
    approval.requested_at = now
    approval.decided_at = None
    approval.by = approval.comment = ""
    await_stage(approval, now)
    write(post, Action.REQUESTED, actor, now, stage=approval.stage, text=message)
    tell(post, Action.REQUESTED, actor, stage=approval.stage, comment=message)


def is_approved_in_part(approval: Approval) -> bool:
    """Return whether a person has approved the version that the post had until now."""
    is_half_approved = approval.stage != Approval.Stage.INTERNAL
    waits = approval.status == Approval.Status.PENDING
    return approval.status == Approval.Status.APPROVED or (waits and is_half_approved)


def await_stage(approval: Approval, now: datetime) -> None:
    """Begin to count the reminders."""
    approval.reminders = 0
    approval.remind_at = now + REMIND_AFTER[0]


def expiry(post: Post, now: datetime) -> datetime | None:
    """Return when it is too late to approve the post. None: it has no time that could pass."""
    if post.status == Post.Status.DRAFT or post.is_held:
        return None
    return post.scheduled_for or now + NOW_WAITS


#: The moves by which a post gets its content, accounts and time.
WRITING = ("compose", "edit", "schedule")


def author_of(post_id: uuid.UUID) -> tuple[str, str]:
    """Return who composed a post and who changed it last; blank for a draft without accounts."""
    events = Event.objects.filter(destination__post=post_id, move__in=WRITING)
    wrote = list(events.order_by("pk").values_list("by", flat=True))
    return (wrote[0], wrote[-1]) if wrote else ("", "")
