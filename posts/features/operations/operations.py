"""Cancel posts, move them in time, publish them now, edit their text, in an operator's name.

Each post is changed alone, in a transaction of its own: one refusal does not stop the others. What
may be changed is what a customer may change (`posts.composing`), and also a post that was to be
published at once and still waits. Every change but a cancellation is an event of its destinations,
with `by`; a cancellation deletes those too, so the caller should `record` it.

`seen`: each post's `updated_at` when the operator looked; a post changed since is left as it is.
`record` is called for each changed post, in its transaction.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Required, TypedDict, Unpack
from zoneinfo import ZoneInfo

from django.db import transaction

from posts.composing import compose, times
from posts.composing.changes.lock import Guard
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.features.operations import report
from posts.features.operations.report import Report, SkippedPost
from posts.models import Post

#: Why a post that is to be published at once cannot be shifted.
NO_TIME = "it has no time that could be shifted: give it one"


@dataclass(frozen=True, slots=True)
class Moment:
    """One time for every post: `at`, read in `zone` unless it has an offset."""

    at: datetime
    zone: str = "UTC"

    def of(self, post: Post) -> datetime:
        """In UTC. Raises RequestRefused for a time that the zone's clocks skip."""
        return times.resolve(self.at, self.zone)


@dataclass(frozen=True, slots=True)
class Shift:
    """Each post so much later, or earlier if negative.

    Whole days keep the time of day in the post's own zone, also when its clocks change between.
    """

    by: timedelta

    def of(self, post: Post) -> datetime:
        """In UTC. Raises RequestRefused for a time that the zone's clocks skip."""
        if post.scheduled_for is None:
            raise RequestRefused("validation_error", NO_TIME)
        try:
            if self.by % timedelta(days=1):
                return (post.scheduled_for + self.by).astimezone(UTC)
            shown = post.scheduled_for.astimezone(ZoneInfo(post.timezone)).replace(tzinfo=None)
            return times.resolve(shown + self.by, post.timezone)
        except OverflowError:
            raise RequestRefused("validation_error", "This time is out of range.") from None


Seen = Mapping[uuid.UUID, datetime]
Record = Callable[[Post], None]
#: Stands for a post that the operator did not see: it equals no post's time.
NEVER = datetime.min.replace(tzinfo=UTC)
Change = Callable[[Post, Author, Guard], Post]


class Said(TypedDict, total=False):
    """Who changes the posts, and what they saw of them."""

    by: Required[str]
    request_id: str
    seen: Seen | None
    record: Record | None


def cancel(ids: Iterable[uuid.UUID], **said: Unpack[Said]) -> Report:
    """Delete posts that have not begun, as DELETE /posts/{id} does. Drafts stay."""
    return _each(ids, _cancel, **said)


def move(ids: Iterable[uuid.UUID], to: Moment | Shift, **said: Unpack[Said]) -> Report:
    """Give posts that have not begun another time. Their own zone stays."""
    return _each(ids, partial(_move, to), **said)


def publish_now(
    ids: Iterable[uuid.UUID], *, may_approve: bool = False, **said: Unpack[Said]
) -> Report:
    """Publish scheduled posts and drafts at once; those that need approval if this may do so."""
    return _each(ids, partial(_publish_now, may_approve), **said)


def edit_text(
    pk: uuid.UUID,
    text: str,
    own: Mapping[str, str] | None = None,
    **said: Unpack[Said],
) -> Report:
    """Give a post that has not begun, or a draft, another text.

    `own`: the texts of networks that get another one; blank: the network gets `text`. Networks that
    are not named keep what they have. What a network does not accept is in the report's `problems`.
    """
    return _each([pk], partial(_edit_text, text, own or {}), **said)


def _each(
    ids: Iterable[uuid.UUID],
    change: Change,
    *,
    by: str,
    request_id: str = "",
    seen: Seen | None = None,
    record: Record | None = None,
) -> Report:
    wanted = list(dict.fromkeys(ids))
    posts = Post.objects.in_bulk(wanted)
    done = Report()
    for pk in wanted:
        if not (post := posts.get(pk)):
            done.skipped.append(SkippedPost(None, report.GONE))
            continue
        author = Author(post.workspace_id, by, request_id)
        # The change follows from what was read here, so it needs a guard even without `seen`.
        looked = post.updated_at if seen is None else seen.get(pk, NEVER)
        try:
            with transaction.atomic():
                changed = change(post, author, Guard(looked, or_waiting=True))
                if record:
                    record(changed)
        except RequestRefused as refused:
            done.skipped.append(report.skipped(post, refused))
        else:
            done.moved.append(changed)
    return done


def _cancel(post: Post, author: Author, guard: Guard) -> Post:
    if post.status == Post.Status.DRAFT:
        raise RequestRefused("validation_error", report.DRAFT)
    compose.cancel(author, post.pk, guard)
    return post


def _move(to: Moment | Shift, post: Post, author: Author, guard: Guard) -> Post:
    if post.status == Post.Status.DRAFT:
        raise RequestRefused("validation_error", report.DRAFT_TIME)
    return compose.edit(author, post.pk, {"when": to.of(post)}, guard)


def _publish_now(may_approve: bool, post: Post, author: Author, guard: Guard) -> Post:
    return compose.publish_now(author, post.pk, Guard(guard.seen), overrides=may_approve)


def _edit_text(text: str, own: Mapping[str, str], post: Post, author: Author, guard: Guard) -> Post:
    changes: dict[str, object] = {"content": text}
    if own:
        changes["platform_content"] = _with_texts(post.platform_content, own)
    return compose.edit(author, post.pk, changes, guard)


def _with_texts(
    content: Mapping[str, Mapping[str, object]], texts: Mapping[str, str]
) -> dict[str, dict[str, object]]:
    """Return each platform's content with these texts of its own; a blank one removes its text."""
    found = {platform: dict(part) for platform, part in content.items()}
    for platform, text in texts.items():
        part = found.setdefault(platform, {})
        part.pop("content", None)
        if text.strip():
            part["content"] = text
    return {platform: part for platform, part in found.items() if part}
