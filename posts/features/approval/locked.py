"""A post and its approval, locked for what people do to it."""

import uuid
from dataclasses import dataclass

from destinations.models import Destination
from posts.composing import lock
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.approval import summary
from posts.features.approval.models import UNAPPROVED, Approval
from posts.features.approval.state import versions
from posts.features.approval.state.versions import Version
from posts.models import Post

UNASKED = "No person was asked to approve this post; POST …/request-approval asks."
TOO_LATE = "The post is {} already."


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


def locked(author: Author, post_id: uuid.UUID) -> Reviewed:
    """Lock the post. Raises RequestRefused if it is not there, or another request changes it."""
    post, rows = lock.lock_any(author, post_id)
    approval = Approval.objects.select_for_update().filter(post=post).first()
    version = versions.stored(post, [row.account_number for row in rows])
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
