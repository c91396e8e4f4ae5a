"""Report the result for each post that an operator chose, and why some were left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from posts.composing.changes import lock
from posts.errors import RequestRefused
from posts.features.approval import edits
from posts.models import Post

GONE = "it no longer exists"
DRAFT = "in a draft there is nothing to cancel"
DRAFT_TIME = "a draft is not published at any time"
STARTED = "it is being published right now"
#: Why a post of this status is not changed.
BY_STATUS = {
    Post.Status.PUBLISHING: STARTED,
    Post.Status.PUBLISHED: "it is already published",
    Post.Status.PARTIAL: "it is already published for some of its accounts",
    Post.Status.FAILED: "it has failed: retry its destinations instead",
}
#: The reasons for refusals that do not follow from the status.
BY_MESSAGE = {
    lock.BUSY: "it is being changed or published right now",
    lock.STARTED: STARTED,
    lock.TRIED: "some of its destinations were tried before",
    edits.NEEDS_APPROVAL: "it needs approval, and you may not approve posts",
    lock.CHANGED: "it was changed since you looked",
}
BY_CODE = {"not_found": GONE, "past_schedule_time": "its new time is in the past"}


class SkippedPost(NamedTuple):
    """A post that was left as it was; None if it no longer exists.

    `problems`: what its networks do not accept, as the API lists it in `validation_errors`.
    """

    post: Post | None
    reason: str
    problems: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Each post that was chosen is in one of the two."""

    moved: list[Post] = field(default_factory=list)
    skipped: list[SkippedPost] = field(default_factory=list)


def skipped(post: Post, refused: RequestRefused) -> SkippedPost:
    """Return why the post was left as it was, in plain words."""
    problems = refused.details.get("validation_errors", ())
    return SkippedPost(post, _reason(post, refused), problems)


def _reason(post: Post, refused: RequestRefused) -> str:
    if refused.message in BY_MESSAGE:
        return BY_MESSAGE[refused.message]
    if refused.code in BY_CODE:
        return BY_CODE[refused.code]
    if refused.code in ("conflict", "post_already_published"):
        # Not as it was read before: a worker may have moved it since.
        status = Post.objects.filter(pk=post.pk).values_list("status", flat=True).first()
        return BY_STATUS.get(Post.Status(status), refused.message) if status else GONE
    said = [problem["message"] for problem in refused.details.get("validation_errors", ())]
    return " ".join(said) or refused.message
