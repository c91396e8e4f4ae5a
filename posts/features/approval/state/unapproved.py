"""Which posts may not be published, because they are not approved."""

import uuid
from collections.abc import Collection

from posts.features.approval.models import UNAPPROVED, Approval

_STATUSES = ", ".join(f"'{status}'" for status in UNAPPROVED)
#: SQL for whether a post may not be published; `{post}` is SQL for its id.
IS_UNAPPROVED = (
    "EXISTS (SELECT FROM posts_approval approval WHERE approval.post_id = {post}"
    f" AND approval.status IN ({_STATUSES}))"
)


def unapproved(post_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the posts that may not be published."""
    found = Approval.objects.filter(post__in=post_ids, status__in=UNAPPROVED)
    return set(found.values_list("post_id", flat=True))
