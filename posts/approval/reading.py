"""Where a post stands, as people read it."""

from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class History:
    """What was done and said about a post, to be read by pages, oldest first."""

    post: Post

    def page(self, limit: int, offset: int) -> list[ApprovalEvent]:
        rows = ApprovalEvent.objects.filter(post=self.post).order_by("pk")
        return list(rows[offset : offset + limit])

    def count(self, most: int) -> int:
        return len(ApprovalEvent.objects.filter(post=self.post).values_list("pk")[:most])


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
