"""Create, edit and cancel posts: a post with its destinations, in one transaction each.

An edit and a publish of the same destination cannot both win: both need the row's lock, and
whoever finds it taken, claimed or begun gives way.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from destinations import due, reading
from destinations.models import Account, Destination, Event
from platforms.base import Draft
from platforms.registry import ADAPTERS
from posts import moments, preflight
from posts.models import Media, Post, PostMedia
from posts.preflight import Target
from posts.refusals import Refused

QUEUED = Destination.Status.QUEUED


@dataclass(frozen=True, slots=True)
class Author:
    """In whose name a post is composed: the workspace, and who did it with which request."""

    workspace_id: uuid.UUID
    by: str
    request_id: str = ""


@transaction.atomic
def create(
    author: Author,
    *,
    content: str,
    account_ids: Sequence[int],
    media_ids: Sequence[uuid.UUID] = (),
    when: datetime | None = None,
    zone: str = "UTC",
) -> Post:
    """A new post, to be published at `when`, or at once without it. Raises Refused.

    A `when` without an offset is read in `zone`.
    """
    now = timezone.now()
    moments.zone(zone)
    scheduled_for = _future(when, zone, now) if when else None
    accounts = _accounts(author, account_ids)
    media = _media(author, media_ids)
    drafts = preflight.freeze(content, media, [_target(account) for account in accounts])
    post = Post.objects.create(
        workspace_id=author.workspace_id,
        content=content,
        status=Post.Status.SCHEDULED if scheduled_for else Post.Status.PUBLISHING,
        scheduled_for=scheduled_for,
        timezone=zone,
        updated_at=now,
    )
    _attach(post, media)
    rows = [
        _destination(post, account, drafts[account.pk], position, now, author.request_id)
        for position, account in enumerate(accounts)
    ]
    Destination.objects.bulk_create(rows)
    _record("compose", rows, author, now)
    if scheduled_for is None:
        due.enqueue_after_commit([row.pk for row in rows])
    return post


@transaction.atomic
def edit(author: Author, post_id: uuid.UUID, changes: Mapping[str, Any]) -> Post:
    """Change a scheduled post or a draft; returns it as it is now. Raises Refused.

    `changes` may hold what `create` takes: content, account_ids, media_ids, when, zone. What it
    does not hold stays; a zone alone changes the label and not the instant.
    """
    post, rows = _lock(author, post_id)
    if not changes:
        return post
    now = timezone.now()
    post.content = changes.get("content", post.content)
    post.timezone = changes.get("zone", post.timezone)
    moments.zone(post.timezone)
    if "when" in changes:
        post.scheduled_for = _future(changes["when"], post.timezone, now)
    post.updated_at = now
    if "media_ids" in changes:
        media = _media(author, changes["media_ids"])
    else:
        media = [item.media for item in post.attachments.select_related("media")]
    kept = {row.account_number: row for row in rows}
    accounts: dict[int, Account] = {}
    targets = [_target_again(row) for row in rows]
    if "account_ids" in changes:
        accounts = {account.pk: account for account in _accounts(author, changes["account_ids"])}
        targets = [
            _target_again(kept[number]) if number in kept else _target(account)
            for number, account in accounts.items()
        ]
    drafts = preflight.freeze(post.content, media, targets)
    post.save(update_fields=["content", "timezone", "scheduled_for", "updated_at"])
    if "media_ids" in changes:
        post.attachments.all().delete()
        _attach(post, media)
    _replace(post, rows, accounts, drafts, author)
    return post


@transaction.atomic
def cancel(author: Author, post_id: uuid.UUID) -> None:
    """Delete a scheduled post or a draft, with its destinations. Raises Refused."""
    post, _ = _lock(author, post_id, deleting=True)
    post.delete()


def _replace(
    post: Post,
    rows: Iterable[Destination],
    accounts: Mapping[int, Account],
    drafts: Mapping[int, Draft],
    author: Author,
) -> None:
    """Give the post exactly the destinations of `drafts`, in that order; rows that stay keep
    their ids."""
    now = post.updated_at
    positions = {number: position for position, number in enumerate(drafts)}
    kept = [row for row in rows if row.account_number in drafts]
    for row in kept:
        draft = drafts[row.account_number]
        row.draft = draft.as_json()
        row.queue = ADAPTERS[row.platform].queue(draft)
        row.position = positions[row.account_number]
        row.due_at = _due_at(post, now)
        row.wanted_at = row.due_at or now
        row.updated_at = now
        row.request_id = author.request_id
    Destination.objects.filter(post=post).exclude(pk__in=[row.pk for row in kept]).delete()
    fields = ["draft", "queue", "position", "due_at", "wanted_at", "updated_at", "request_id"]
    Destination.objects.bulk_update(kept, fields)
    staying = {row.account_number for row in kept}
    added = [
        _destination(post, accounts[number], draft, positions[number], now, author.request_id)
        for number, draft in drafts.items()
        if number not in staying
    ]
    Destination.objects.bulk_create(added)
    _record("edit", kept, author, now)
    _record("compose", added, author, now)


def _lock(
    author: Author, post_id: uuid.UUID, *, deleting: bool = False
) -> tuple[Post, list[Destination]]:
    """The post and its destinations, in order, locked until the transaction ends.

    Raises Refused if there is no such post, or if it may no longer be changed.
    """
    mine = Post.objects.filter(workspace=author.workspace_id, pk=post_id)
    if not mine.exists():
        raise Refused("not_found", "There is no such post.")
    try:
        # Destinations first, as a move does, so that the two never wait for each other.
        rows = list(
            Destination.objects.filter(post=post_id).order_by("pk").select_for_update(nowait=True)
        )
        post = mine.select_for_update(nowait=True).first()
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise Refused("conflict", "The post is being changed or published right now.") from None
    if post is None:
        raise Refused("not_found", "There is no such post.")
    if deleting and post.status == Post.Status.PUBLISHED:
        raise Refused(
            "post_already_published",
            "The post is published; its content lives on the platforms and stays there.",
        )
    if post.status not in (Post.Status.SCHEDULED, Post.Status.DRAFT):
        raise Refused("conflict", f"Only scheduled and draft posts change; it is {post.status}.")
    if any(row.claim or row.status != QUEUED for row in rows):
        raise Refused("conflict", "The post is being published right now.")
    return post, sorted(rows, key=lambda row: row.position)


def _future(when: datetime, zone: str, now: datetime) -> datetime:
    instant = moments.resolve(when, zone)
    if instant <= now:
        raise Refused("past_schedule_time", "scheduled_at must be in the future.")
    return instant


def _accounts(author: Author, ids: Iterable[int]) -> list[Account]:
    """Each account once, in the order asked for. Unknown and foreign look the same."""
    wanted = list(dict.fromkeys(ids))
    found = reading.accounts_by_id(author.workspace_id, wanted)
    missing = [number for number in wanted if number not in found]
    if missing:
        raise Refused(
            "invalid_accounts", "There are no such accounts in this workspace.", account_ids=missing
        )
    return [found[number] for number in wanted]


def _media(author: Author, ids: Iterable[uuid.UUID]) -> list[Media]:
    """Each file once, in the order asked for, locked so that nobody deletes it meanwhile."""
    wanted = list(dict.fromkeys(ids))
    rows = Media.objects.filter(
        workspace=author.workspace_id, pk__in=wanted, status=Media.Status.READY
    )
    found = {item.pk: item for item in rows.order_by("pk").select_for_update(no_key=True)}
    missing = [str(key) for key in wanted if key not in found]
    if missing:
        raise Refused(
            "invalid_media",
            "These files are unknown or not ready; upload and complete them first.",
            media_ids=missing,
        )
    return [found[key] for key in wanted]


def _attach(post: Post, media: Iterable[Media]) -> None:
    PostMedia.objects.bulk_create(
        PostMedia(post=post, media=item, position=position) for position, item in enumerate(media)
    )


def _target(account: Account) -> Target:
    return Target(account.pk, account.name, account.platform)


def _target_again(row: Destination) -> Target:
    return Target(row.account_number, row.account_name, row.platform, row.draft["settings"])


def _due_at(post: Post, now: datetime) -> datetime | None:
    """A draft's time is only a note: nothing is due until somebody schedules it."""
    return None if post.status == Post.Status.DRAFT else post.scheduled_for or now


def _destination(
    post: Post,
    account: Account,
    draft: Draft,
    position: int,
    now: datetime,
    request_id: str,
) -> Destination:
    due_at = _due_at(post, now)
    return Destination(
        post=post,
        workspace_id=post.workspace_id,
        account=account,
        account_number=account.pk,
        account_name=account.name,
        platform=account.platform,
        queue=ADAPTERS[account.platform].queue(draft),
        position=position,
        draft=draft.as_json(),
        due_at=due_at,
        wanted_at=due_at or now,
        updated_at=now,
        request_id=request_id,
    )


def _record(move: str, rows: Iterable[Destination], author: Author, now: datetime) -> None:
    Event.objects.bulk_create(
        Event(
            destination=row,
            at=now,
            move=move,
            from_status="" if move == "compose" else QUEUED,
            to_status=QUEUED,
            by=author.by,
            request_id=author.request_id,
        )
        for row in rows
    )
