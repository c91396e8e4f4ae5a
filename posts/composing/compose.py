"""Create, edit and cancel posts: a post with its destinations, in one transaction each.

What may be changed, and why a change and a publish cannot both win: `lock`.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from destinations.dispatch import enqueue
from destinations.models import Destination
from destinations.runtime import clock
from posts.composing import destinations, events, freeze, queueing, references, validate
from posts.composing.changes import update
from posts.composing.changes.lock import ANY, Guard, lock
from posts.composing.changes.update import PostChange
from posts.composing.destinations import Author, Placed
from posts.composing.extensions import holds, text_steps
from posts.composing.extensions.text_steps import NOTHING_SAID, HashtagRequest, NewText, TextChange
from posts.composing.freeze import Content, Target
from posts.composing.queueing import IntoQueue
from posts.composing.validate import AccountValidation
from posts.errors import RequestRefused
from posts.media.convert import request
from posts.models import Media, Post

#: A draft is scheduled at least this long before its time.
NOTICE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be published at `when`, in a slot of a `queue`, or at once without either.

    A draft waits to be scheduled, and may have no accounts yet. A `when` without an offset is read
    in `zone`. `alt_texts` are by file id; `platform_content` is as in `freeze.Content`; `plain`
    holds plain fields of `content`. Without `account_ids` it goes to all accounts that can be
    posted to. With `own_texts_do` the content may be blank if each network has a text of its own.
    """

    content: str
    account_ids: Sequence[int] | None
    media_ids: Sequence[uuid.UUID] = ()
    alt_texts: Mapping[uuid.UUID, str] = field(default_factory=dict)
    platform_content: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    plain: Mapping[str, Any] = field(default_factory=dict)
    when: datetime | None = None
    queue: IntoQueue | None = None
    zone: str = "UTC"
    campaign_id: int | None = None
    draft: bool = False
    own_texts_do: bool = False
    #: Whether `platform_content` may name networks to which none of its accounts belongs.
    spare_platforms: bool = False
    #: Whether its links get short addresses; None: as the workspace or its campaign says.
    shorten_links: bool | None = None
    hashtags: HashtagRequest = NOTHING_SAID


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A new post, validated but not stored."""

    targets: list[Target]
    media: list[Media]
    scheduled_for: datetime | None
    validations: list[AccountValidation]


@dataclass(frozen=True, slots=True)
class Composed:
    """A post that was stored, with the ids of its files and its destinations."""

    post: Post
    media_ids: Sequence[uuid.UUID]
    destinations: Sequence[Placed]
    #: The rule that it begins.
    recurrence_id: str | None = None

    @property
    def queue_id(self) -> str | None:
        return self.post.queue_id


def create(author: Author, new: NewPost) -> Composed:
    """Store the post, and enqueue it if it is due. Raises RequestRefused.

    A database error may leave the caller's transaction unusable, if it has one.
    """
    post_id = uuid.uuid4()
    steps = _steps(author, post_id, new)
    with _references_locked(new, steps):
        # Before the files, so that posts of one queue wait for each other here only.
        queue = queueing.locked(author.reach, new.queue) if new.queue else None
        now = clock.now()
        prepared = _prepare(author, new, now, steps)
        frozen = validate.require(prepared.validations)
        post = Post(
            id=post_id,
            workspace_id=author.workspace_id,
            content=new.content,
            platform_content=new.platform_content,
            status=Post.Status.DRAFT if new.draft else _status(prepared.scheduled_for),
            scheduled_for=prepared.scheduled_for,
            timezone=new.zone,
            campaign_id=new.campaign_id,
            updated_at=now,
            **new.plain,
        )
        post.validations = prepared.validations
        for step in steps:
            step.describe(post)
        if queue and new.queue:
            numbers = [target.number for target in prepared.targets]
            queueing.enter(post, queue, numbers, new.queue, now)
        attached = [(item, new.alt_texts.get(item.pk, "")) for item in prepared.media]
        placed = destinations.place(post, prepared.targets, frozen, attached, author)
        request.for_drafts((each.draft for each in frozen.values()), prepared.media)
        for step in steps:
            step.store()
        if post.status == Post.Status.PUBLISHING:
            enqueue.WAKE.after_commit()
    return Composed(post, [item.pk for item in prepared.media], placed)


def check(author: Author, new: NewPost) -> list[AccountValidation]:
    """Validate without storing anything: what `create` would find for each account.

    Raises RequestRefused for what concerns no single account.
    """
    steps = _steps(author, uuid.uuid4(), new)
    with _references_locked(new, steps):
        prepared = _prepare(author, new, now := clock.now(), steps)
        if new.queue:
            numbers = [target.number for target in prepared.targets]
            queueing.check_room(author.reach, new.queue, numbers, now)
        return prepared.validations


def _steps(author: Author, post_id: uuid.UUID, new: NewPost) -> list[TextChange]:
    """Raises RequestRefused."""
    return text_steps.of_new(
        NewText(author.workspace_id, post_id, new.campaign_id, new.shorten_links, new.hashtags)
    )


def _references_locked(new: NewPost, steps: Iterable[TextChange]) -> AbstractContextManager[None]:
    """Open a transaction that locks files, campaign and queue, and stores what steps do.

    Without any of them none is needed.
    """
    has_references = new.media_ids or new.campaign_id is not None or new.queue
    is_needed = has_references or any(step.stores for step in steps)
    return transaction.atomic() if is_needed else nullcontext()


def _prepare(
    author: Author, new: NewPost, now: datetime, steps: Collection[TextChange]
) -> _Prepared:
    scheduled_for = references.due_time(new.when, new.zone, now)
    numbers = references.able(author.reach) if new.account_ids is None else new.account_ids
    targets = references.targets(author.reach, numbers, scheduled_for or now)
    if not targets:
        references.check_may_go_nowhere(author.reach, is_draft=new.draft)
    references.campaign(author.workspace_id, new.campaign_id)
    media = references.media(author.workspace_id, new.media_ids)
    references.check_described(new.alt_texts, media)
    if not new.draft and not new.spare_platforms:
        validate.check_platforms(new.platform_content, targets)
    written = Content(new.content, freeze.files(media, new.alt_texts), new.platform_content)
    validations = text_steps.validated(
        written, targets, steps, own_texts_do=new.own_texts_do, is_draft=new.draft
    )
    return _Prepared(targets, media, scheduled_for, validations)


@transaction.atomic
def edit(
    author: Author, post_id: uuid.UUID, changes: Mapping[str, Any], guard: Guard = ANY
) -> Post:
    """Change a post that has not begun; returns the changed post. Raises RequestRefused.

    `changes` holds fields of NewPost; all others stay. A zone alone changes the label and not the
    instant; a time takes the post out of its queue. `platform_content` and `alt_texts` are replaced
    as a whole; a file that stays keeps its alt text. A post whose file was deleted can be changed
    only together with its `media_ids`.
    """
    into = changes.get("queue")
    queue = queueing.wanted(author.reach, into, post_id) if into else None
    post, rows = lock(author, post_id, guard, or_held=True, into=queue.pk if queue else None)
    if not changes:
        return post
    held = holds.begin(post, rows)
    has_files = bool(update.FILES & changes.keys())
    before = events.editable_values(post, rows, with_files=has_files)
    post.updated_at = clock.now()
    post.timezone = changes.get("zone", post.timezone)
    when = references.due_time(changes.get("when"), post.timezone, post.updated_at)
    if when:
        queueing.leave(post)
        post.scheduled_for = when
        if post.status != Post.Status.DRAFT:
            post.status = Post.Status.SCHEDULED
    rows = update.rewrite(PostChange(author, "edit", changes, queue, held), post, rows)
    events.updated(post, before, events.editable_values(post, rows, with_files=has_files))
    return post


@transaction.atomic
def schedule(
    author: Author,
    post_id: uuid.UUID,
    when: datetime | None,
    *,
    queue: IntoQueue | None = None,
    zone: str | None = None,
    account_ids: Sequence[int] | None = None,
) -> tuple[Post, list[Destination]]:
    """Schedule a draft for `when` or a slot of a queue, or publish it now; the post and its rows.

    Without `account_ids` it keeps the draft's accounts. Raises RequestRefused, also if one of its
    files was deleted and not yet replaced.
    """
    entered = queueing.wanted(author.reach, queue, post_id) if queue else None
    post, rows = lock(author, post_id, into=entered.pk if entered else None)
    if post.status != Post.Status.DRAFT:
        raise RequestRefused(
            "conflict", f"Only drafts can be scheduled; this post is {post.status}."
        )
    held = holds.begin(post, rows)
    post.updated_at = now = clock.now()
    post.timezone = post.timezone if zone is None else zone
    post.scheduled_for = references.due_time(when, post.timezone, now, NOTICE)
    post.status = _status(post.scheduled_for)
    changes: dict[str, Any] = {} if account_ids is None else {"account_ids": account_ids}
    changes |= {"queue": queue} if queue else {}
    rows = update.rewrite(PostChange(author, "schedule", changes, entered, held), post, rows)
    events.scheduled(post, [row.account_number for row in rows])
    if post.status == Post.Status.PUBLISHING:
        enqueue.WAKE.after_commit()
    return post, rows


@transaction.atomic
def publish_now(
    author: Author, post_id: uuid.UUID, guard: Guard = ANY, *, overrides: bool = False
) -> Post:
    """Publish a scheduled post or a draft at once; returns it. Raises RequestRefused.

    One that is held only with `overrides`, which its history records.
    """
    post, rows = lock(author, post_id, guard)
    held = holds.begin(post, rows, overrides=overrides)
    if held and not overrides:
        raise RequestRefused("conflict", held[0].refusal)
    before = events.editable_values(post, rows)
    was_draft = post.status == Post.Status.DRAFT
    post.updated_at = clock.now()
    queueing.leave(post)
    post.scheduled_for = None
    post.status = _status(None)
    rows = update.rewrite(PostChange(author, "schedule", {}, held=held), post, rows)
    if not was_draft:
        events.updated(post, before, events.editable_values(post, rows))
    enqueue.WAKE.after_commit()
    return post


@transaction.atomic
def cancel(author: Author, post_id: uuid.UUID, guard: Guard = ANY) -> None:
    """Delete a post that has not begun, with its destinations. Raises RequestRefused."""
    post, rows = lock(author, post_id, guard, deleting=True, or_held=True)
    destinations.note_change(post, rows)
    events.deleted(post)
    post.delete()


def _status(scheduled_for: datetime | None) -> Post.Status:
    """Return the first status of a post that is not a draft."""
    return Post.Status.SCHEDULED if scheduled_for else Post.Status.PUBLISHING
