"""Where a post stands, as people read it."""

from typing import Any

from django.db.models import QuerySet

from posts.models import Approval, ApprovalEvent, Post
from posts.review import versions
from posts.review.versions import Version

NONE = {
    "status": Approval.Status.NONE,
    "stage": None,
    "requested_at": None,
    "decided_at": None,
    "by": None,
    "comment": None,
}


def history(post: Post) -> QuerySet[ApprovalEvent]:
    """What was done and said about a post, oldest first."""
    return ApprovalEvent.objects.filter(post=post).order_by("pk")


def shown(approval: Approval | None) -> dict[str, Any]:
    """An approval with blanks as null."""
    if approval is None:
        return NONE
    return {name: getattr(approval, name) or None for name in NONE}


def version(post: Post) -> Version:
    """The post as it is now."""
    return versions.stored(post, post.destinations.values_list("account_number", flat=True))


def difference(approval: Approval | None, now: Version) -> dict[str, Any] | None:
    """What changed since the version that was last approved; None if none was."""
    if approval is None or approval.approved is None:
        return None
    return versions.difference(approval.approved, now)
