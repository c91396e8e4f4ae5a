"""Create, edit and cancel posts: a post with its destinations, in one transaction each.

An edit and a publish of the same destination cannot both win: both need the row's lock, and the one
that finds the row locked, claimed or started gives way. Nor can two edits undo each other: each
needs the post's lock, and gives way if the destinations it locked first are no longer the post's.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

from destinations.dispatch import enqueue
from destinations.models import Destination
from destinations.runtime import clock
from platforms import drafts
from posts.composing import destinations, freeze, references, times, validate
from posts.composing.destinations import Author
from posts.composing.freeze import Content, Target
from posts.composing.validate import AccountValidation
from posts.errors import RequestRefused, invalid
from posts.media.convert import request
from posts.models import Media, Post

QUEUED = Destination.Status.QUEUED
#: A draft is scheduled at least this long before its time.
NOTICE = timedelta(minutes=1)
#: The answer to the second of two simultaneous changes.
BUSY = "The post is being changed or published right now."
#: The columns that an edit writes.
WRITTEN = [
    "content",
    "platform_content",
    "deleted_files",
    "timezone",
    "scheduled_for",
    "status",
    "updated_at",
]


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be published at `when`, or at once without it. A draft waits to be scheduled.

    A draft may have no accounts yet. A `when` without an offset is read in `zone`. `alt_texts` are
    by file id; `platform_content` is as in `freeze.Content`.
    """

    content: str
    account_ids: Sequence[int]
    media_ids: Sequence[uuid.UUID] = ()
    alt_texts: Mapping[uuid.UUID, str] = field(default_factory=dict)
    platform_content: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    when: datetime | None = None
    zone: str = "UTC"
    draft: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A new post, validated but not stored."""

    targets: list[Target]
    media: list[Media]
    scheduled_for: datetime | None
    validations: list[AccountValidation]


def create(author: Author, new: NewPost) -> Post:
    """Store the post, and enqueue it if it is due. Raises RequestRefused.

    A database error may leave the caller's transaction unusable, if it has one.
    """
    now = clock.now()
    with _files_locked(new):
        prepared = _prepare(author, new, now)
        frozen = validate.require(prepared.validations)
        post = Post(
            workspace_id=author.workspace_id,
            content=new.content,
            platform_content=new.platform_content,
            status=Post.Status.DRAFT if new.draft else _status(prepared.scheduled_for),
            scheduled_for=prepared.scheduled_for,
            timezone=new.zone,
            updated_at=now,
        )
        files = [(item, new.alt_texts.get(item.pk, "")) for item in prepared.media]
        destinations.place(post, prepared.targets, frozen, files, author)
        request.for_drafts((each.draft for each in frozen.values()), prepared.media)
        if post.status == Post.Status.PUBLISHING:
            enqueue.wake_after_commit()
    return post


def check(author: Author, new: NewPost) -> list[AccountValidation]:
    """Validate without storing anything: what `create` would find for each account.

    Raises RequestRefused for what concerns no single account.
    """
    with _files_locked(new):
        return _prepare(author, new, clock.now()).validations


def _files_locked(new: NewPost) -> AbstractContextManager[None]:
    """A transaction, which holds the locks of the files; without files none is needed."""
    return transaction.atomic() if new.media_ids else nullcontext()


def _prepare(author: Author, new: NewPost, now: datetime) -> _Prepared:
    times.zone(new.zone)
    scheduled_for = references.future(new.when, new.zone, now) if new.when else None
    targets = references.targets(author.reach, new.account_ids, scheduled_for or now)
    if not targets:
        _check_may_go_nowhere(author, is_draft=new.draft)
    media = references.media(author.workspace_id, new.media_ids)
    references.check_described(new.alt_texts, media)
    if not new.draft:
        validate.check_platforms(new.platform_content, targets)
    written = Content(new.content, _files(media, new.alt_texts), new.platform_content)
    return _Prepared(targets, media, scheduled_for, validate.validate(written, targets))


@transaction.atomic
def edit(author: Author, post_id: uuid.UUID, changes: Mapping[str, Any]) -> Post:
    """Change a scheduled post or a draft; returns the changed post. Raises RequestRefused.

    `changes` holds fields of NewPost; all others stay. A zone alone changes the label and not the
    instant. `platform_content` and `alt_texts` are replaced as a whole; a file that stays keeps its
    alt text. A post whose file was deleted can be changed only together with its `media_ids`.
    """
    post, rows = _lock(author, post_id)
    if not changes:
        return post
    post.updated_at = clock.now()
    post.timezone = changes.get("zone", post.timezone)
    times.zone(post.timezone)
    if "when" in changes:
        post.scheduled_for = references.future(changes["when"], post.timezone, post.updated_at)
    _rewrite(author, post, rows, changes, "edit")
    return post


@transaction.atomic
def schedule(
    author: Author,
    post_id: uuid.UUID,
    when: datetime | None,
    *,
    zone: str | None = None,
    account_ids: Sequence[int] | None = None,
) -> tuple[Post, list[Destination]]:
    """Schedule a draft for `when`, or publish it now; returns the post and its destinations.

    Without `account_ids` it keeps the draft's accounts. Raises RequestRefused, also if one of its
    files was deleted and not yet replaced.
    """
    post, rows = _lock(author, post_id)
    if post.status != Post.Status.DRAFT:
        raise RequestRefused(
            "conflict", f"Only drafts can be scheduled; this post is {post.status}."
        )
    post.updated_at = now = clock.now()
    post.timezone = post.timezone if zone is None else zone
    times.zone(post.timezone)
    post.scheduled_for = references.future(when, post.timezone, now, NOTICE) if when else None
    post.status = _status(post.scheduled_for)
    changes = {} if account_ids is None else {"account_ids": account_ids}
    rows = _rewrite(author, post, rows, changes, "schedule")
    if post.scheduled_for is None:
        enqueue.wake_after_commit()
    return post, rows


def _rewrite(
    author: Author, post: Post, rows: list[Destination], changes: Mapping[str, Any], move: str
) -> list[Destination]:
    """Store the changed post, and freeze again what each destination will be sent."""
    post.content = changes.get("content", post.content)
    media, alt_texts = _media_after(author, post, changes)
    if "account_ids" in changes:
        targets = references.targets(author.reach, changes["account_ids"])
    else:
        targets = [_target_again(row) for row in rows]
    is_draft = post.status == Post.Status.DRAFT
    if not targets:
        _check_may_go_nowhere(author, is_draft=is_draft)
    if "platform_content" in changes:
        post.platform_content = changes["platform_content"]
        if not is_draft:
            validate.check_platforms(post.platform_content, targets)
    written = Content(post.content, _files(media, alt_texts), post.platform_content)
    frozen = validate.require(validate.validate(written, targets))
    post.save(update_fields=WRITTEN)
    if {"media_ids", "alt_texts"} & changes.keys():
        destinations.attach(post, media, alt_texts)
    placed = destinations.replace(post, rows, targets, frozen, author, move)
    request.for_drafts((each.draft for each in frozen.values()), media)
    return placed


@transaction.atomic
def cancel(author: Author, post_id: uuid.UUID) -> None:
    """Delete a scheduled post or a draft, with its destinations. Raises RequestRefused."""
    post, _ = _lock(author, post_id, deleting=True)
    post.delete()


def _media_after(
    author: Author, post: Post, changes: Mapping[str, Any]
) -> tuple[list[Media], dict[uuid.UUID, str]]:
    """The files and alt texts of the changed post. Raises RequestRefused."""
    attached = list(post.attachments.select_related("media__workspace"))
    alt_texts = {item.media_id: item.alt_text for item in attached}
    media = [item.media for item in attached]
    if "media_ids" in changes:
        media = references.media(author.workspace_id, changes["media_ids"])
        post.deleted_files = {}
    references.check_complete(post)
    if "alt_texts" in changes:
        alt_texts = dict(changes["alt_texts"])
        references.check_described(alt_texts, media)
    return media, alt_texts


def _lock(
    author: Author, post_id: uuid.UUID, *, deleting: bool = False
) -> tuple[Post, list[Destination]]:
    """The post and its destinations, in order, locked until the transaction ends.

    Raises RequestRefused if there is no such post, if it may no longer be changed, or if another
    request is changing it.
    """
    mine = Post.objects.filter(workspace=author.workspace_id, pk=post_id)
    theirs = Destination.objects.filter(post=post_id)
    if not mine.exists():
        raise RequestRefused("not_found", "There is no such post.")
    try:
        # Destinations first, in the order of moves, so that the two cannot deadlock.
        rows = list(theirs.order_by("pk").select_for_update(nowait=True))
        post = mine.select_for_update(nowait=True).first()
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise RequestRefused("conflict", BUSY) from None
    # Before the post was locked, another edit may have replaced its destinations.
    if post and {row.pk for row in rows} != set(theirs.values_list("pk", flat=True)):
        raise RequestRefused("conflict", BUSY)
    if post is None or not author.reach.covers(row.account_number for row in rows):
        raise RequestRefused("not_found", "There is no such post.")
    _check_editable(post, rows, deleting=deleting)
    return post, sorted(rows, key=lambda row: row.position)


def _check_editable(post: Post, rows: Collection[Destination], *, deleting: bool) -> None:
    if deleting and post.status == Post.Status.PUBLISHED:
        raise RequestRefused(
            "post_already_published",
            "The post is published; its content on the platforms cannot be deleted from here.",
        )
    if post.status not in (Post.Status.SCHEDULED, Post.Status.DRAFT):
        raise RequestRefused(
            "conflict",
            f"Only scheduled posts and drafts can be changed; this post is {post.status}.",
        )
    if any(row.claim or row.status != QUEUED for row in rows):
        raise RequestRefused("conflict", "The post is being published right now.")


def _check_may_go_nowhere(author: Author, *, is_draft: bool) -> None:
    """Raises RequestRefused unless the post may be stored without accounts."""
    if not is_draft:
        raise invalid("account_ids", "Choose at least one account; only a draft may have none.")
    if author.only is not None:
        raise invalid("account_ids", "This key is restricted to some accounts; choose from them.")


def _status(scheduled_for: datetime | None) -> Post.Status:
    """The first status of a post that is not a draft."""
    return Post.Status.SCHEDULED if scheduled_for else Post.Status.PUBLISHING


def _files(media: Iterable[Media], alt_texts: Mapping[uuid.UUID, str]) -> tuple[drafts.Media, ...]:
    return tuple(freeze.file(item, alt_texts.get(item.pk, "")) for item in media)


def _target_again(row: Destination) -> Target:
    return Target(row.account_number, row.account_name, row.platform)
