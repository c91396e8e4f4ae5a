"""Write a post's rows: its files and destinations, with the time after which none is published."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from destinations.access import Reach
from destinations.dispatch import changes, queues
from destinations.models import Destination, Event
from platforms.registry import ADAPTERS
from posts.composing import events, insertion
from posts.composing.freeze import Frozen, Target
from posts.models import Media, Post, PostMedia, Workspace

QUEUED = Destination.Status.QUEUED
#: The columns that a new draft or a new time writes.
DECIDED = [
    "draft",
    "queue",
    "notes",
    "position",
    "due_at",
    "wanted_at",
    "not_after",
    "updated_at",
    "request_id",
]


@dataclass(frozen=True, slots=True)
class Author:
    """The composer of a post: the workspace, the caller and the request.

    `only`: the accounts that the caller may use; None: all of the workspace.
    """

    workspace_id: uuid.UUID
    by: str
    request_id: str = ""
    only: frozenset[int] | None = None

    @property
    def reach(self) -> Reach:
        return Reach(self.workspace_id, self.only)


class Placed(NamedTuple):
    """A new destination, with its id."""

    destination: uuid.UUID
    number: int
    name: str
    platform: str
    position: int


def place(
    post: Post,
    targets: Iterable[Target],
    frozen: Mapping[int, Frozen],
    files: Iterable[tuple[Media, str]],
    author: Author,
) -> list[Placed]:
    """Store a new post with its files, each with its alt text, and its destinations."""
    placed = [
        Placed(uuid.uuid4(), target.number, target.name, target.platform, position)
        for position, target in enumerate(targets)
    ]
    # Accounts of a network share a draft, unless their links differ.
    drafts = {id(frozen[each.number]): each for each in placed}
    accounts = [{**each._asdict(), "drafted": id(frozen[each.number])} for each in placed]
    attached = [
        {"media": item.pk, "position": position, "alt_text": alt_text}
        for position, (item, alt_text) in enumerate(files)
    ]
    post.awaits_approval = insertion.insert(
        post,
        [_draft(key, post, each.platform, frozen[each.number]) for key, each in drafts.items()],
        accounts,
        attached,
        due_at=_due_at(post, post.updated_at),
        by=author.by,
        request_id=author.request_id,
        event=events.scheduled_event(post, [each["number"] for each in accounts]),
    )
    if post.awaits_approval and post.status == Post.Status.PUBLISHING:
        post.status = Post.Status.SCHEDULED
    return placed


def _draft(key: int, post: Post, platform: str, frozen: Frozen) -> dict[str, Any]:
    """Return what accounts share that publish the same."""
    return {
        "drafted": key,
        "queue": _queue(post, platform, frozen),
        "draft": frozen.draft_as_json,
        "notes": frozen.notes,
    }


def _queue(post: Post, platform: str, frozen: Frozen) -> str:
    return queues.of_workspace(ADAPTERS[platform].queue(frozen.draft), post.workspace_id)


def attach(post: Post, media: Iterable[Media], alt_texts: Mapping[uuid.UUID, str]) -> None:
    """Replace the post's files by these."""
    post.attachments.all().delete()
    PostMedia.objects.bulk_create(
        PostMedia(post=post, media=item, position=position, alt_text=alt_texts.get(item.pk, ""))
        for position, item in enumerate(media)
    )


def replace(
    post: Post,
    rows: Collection[Destination],
    targets: Iterable[Target],
    frozen: Mapping[int, Frozen],
    author: Author,
    move: str = "edit",
) -> list[Destination]:
    """Give the post exactly the destinations of `frozen`, in that order, and return them.

    Rows that stay keep their ids; their history records `move`.
    """
    positions = {number: position for position, number in enumerate(frozen)}
    kept = [row for row in rows if row.account_number in frozen]
    note_change(post, rows)
    for row in kept:
        number, place = row.account_number, row.wanted_at
        keeps_place = move == "edit" and row.due_at and post.scheduled_for is None
        _decide(row, post, frozen[number], positions[number], author)
        if keeps_place:
            row.wanted_at = place
    left_out = [row.pk for row in rows if row.account_number not in frozen]
    if left_out:
        Destination.objects.filter(pk__in=left_out).delete()
    Destination.objects.bulk_update(kept, DECIDED)
    staying = {row.account_number for row in kept}
    added = [
        _row(post, target, frozen[target.number], positions[target.number], author)
        for target in targets
        if target.number not in staying
    ]
    Destination.objects.bulk_create(added)
    _record(move, kept, author, post.updated_at)
    _record("compose", added, author, post.updated_at)
    return sorted(kept + added, key=lambda row: row.position)


def note_change(post: Post, rows: Iterable[Destination]) -> None:
    """Tell Redis that a scheduled post is about to change, should the database forget it."""
    if times := [row.wanted_at for row in rows if row.due_at]:
        changes.note({post.pk: max(times)})


def _row(post: Post, target: Target, frozen: Frozen, position: int, author: Author) -> Destination:
    row = Destination(
        post=post,
        workspace_id=post.workspace_id,
        account_id=target.number,
        account_number=target.number,
        account_name=target.name,
        platform=target.platform,
    )
    _decide(row, post, frozen, position, author)
    return row


def _decide(row: Destination, post: Post, frozen: Frozen, position: int, author: Author) -> None:
    now = post.updated_at
    row.draft = frozen.draft_as_json
    row.queue = _queue(post, row.platform, frozen)
    row.notes = list(frozen.notes)
    row.position = position
    row.due_at = _due_at(post, now)
    row.wanted_at = row.due_at or now
    row.not_after = not_after(post)
    row.updated_at = now
    row.request_id = author.request_id


def _due_at(post: Post, now: datetime) -> datetime | None:
    """Return when to publish; None for a draft, whose time is only a note.

    Nor are those of a post that its queue holds, or that is not approved.
    """
    waits = post.status == Post.Status.DRAFT or post.is_held or post.awaits_approval
    return None if waits else post.scheduled_for or now


def _record(move: str, rows: Sequence[Destination], author: Author, now: datetime) -> None:
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


#: The latest time that can be read back. A stored time may be that late already.
LATEST = datetime.max.replace(tzinfo=UTC)
#: A new rule applies to destinations that are queued and were never started. A manual retry has
#: another `wanted_at` and is published however late it is.
APPLY_DEADLINE = """
    WITH scheduled AS (
        SELECT d.id, p.scheduled_for, LEAST(p.missed_after_minutes, %(minutes)s) AS minutes
        FROM destinations_destination d JOIN posts_post p ON p.id = d.post_id
        WHERE p.workspace_id = %(workspace)s AND p.status = 'scheduled'
          AND d.status = 'queued' AND d.attempts = 0 AND d.wanted_at = p.scheduled_for
        ORDER BY d.id FOR UPDATE OF d
    )
    UPDATE destinations_destination d
    SET not_after = CASE WHEN minutes IS NOT NULL THEN
        LEAST(scheduled.scheduled_for + minutes * interval '1 minute', %(last)s) END
    FROM scheduled WHERE scheduled.id = d.id
"""


def not_after(post: Post) -> datetime | None:
    """Return the time after which the post is no longer started automatically; None: no limit."""
    if post.scheduled_for is None or post.status == Post.Status.DRAFT:
        return None
    limits = (post.missed_after_minutes, post.workspace.missed_after_minutes)
    minutes = min((limit for limit in limits if limit is not None), default=None)
    if minutes is None:
        return None
    return post.scheduled_for + min(timedelta(minutes=minutes), LATEST - post.scheduled_for)


def limit_lateness(post: Post, minutes: int | None) -> None:
    """Give a scheduled post that the caller has locked a limit of its own, in minutes."""
    post.missed_after_minutes = minutes
    Post.objects.filter(pk=post.pk).update(missed_after_minutes=minutes)
    Destination.objects.filter(post=post.pk).update(not_after=not_after(post))


@transaction.atomic
def apply_deadline(workspace: Workspace) -> int:
    """Apply the workspace's rule to its scheduled destinations; returns how many there are."""
    values = {"workspace": workspace.pk, "minutes": workspace.missed_after_minutes, "last": LATEST}
    with connection.cursor() as cursor:
        cursor.execute(APPLY_DEADLINE, values)
        return int(cursor.rowcount)
