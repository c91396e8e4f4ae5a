"""Describe a post's state of approval for people."""

from typing import Any

from django.db.models import QuerySet

from posts.features.approval import edits
from posts.features.approval.edits import Version
from posts.features.approval.models import Approval, ApprovalEvent
from posts.features.approval.record import Action
from posts.models import Post

DECISIONS = (Action.APPROVED, Action.CHANGES_REQUESTED, Action.REJECTED, Action.OVERRIDDEN)
NONE = {
    "status": Approval.Status.NONE,
    "stage": None,
    "requested_at": None,
    "decided_at": None,
    "by": None,
    "comment": None,
}


def history(post: Post) -> QuerySet[ApprovalEvent]:
    """Return what was done and said about a post, oldest first."""
    return ApprovalEvent.objects.filter(post=post).order_by("pk")


def as_json(approval: Approval | None) -> dict[str, Any]:
    """Return an approval with blanks as null."""
    if approval is None:
        return NONE
    return {name: getattr(approval, name) or None for name in NONE}


def version(post: Post) -> Version:
    """Return the post as it is now."""
    return edits.stored(post, post.destinations.values_list("account_number", flat=True))


def decisions(post: Post) -> QuerySet[ApprovalEvent]:
    """Return the decisions about a post, the last one first."""
    return ApprovalEvent.objects.filter(post=post, action__in=DECISIONS).order_by("-pk")


def revision(post: Post, now: Version) -> str:
    """Return the name that a decision must give: it changes with each edit and each decision."""
    return edits.revision(now, decisions(post).values_list("pk", flat=True).first())


def difference(approval: Approval | None, now: Version) -> dict[str, Any] | None:
    """Return what changed since the version that was last approved; None if none was."""
    if approval is None or approval.approved is None:
        return None
    return edits.difference(approval.approved, now)
