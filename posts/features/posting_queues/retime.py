"""Holds the posts of a queue, and gives them new slots.

Only posts that no worker has claimed or started are concerned. Everything happens in the caller's
transaction, which holds the queue's lock, so that a crash leaves all as it was. A held post keeps
its slot and its time; its destinations have no due time, so that nothing can start or be late.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from destinations.dispatch import changes
from destinations.runtime import database
from posts.composing.extensions import holds
from posts.features.posting_queues import slots
from posts.models import PostingQueue
from posts.outbox import outbox
from posts.outbox.outbox import HAS_WEBHOOK

T = TypeVar("T")
#: How many posts one statement changes. So few are looked up one by one, also with old statistics.
BATCH = 500

QUEUED = """
    SELECT id FROM posts_post WHERE posting_queue_id = %(queue)s AND status = 'scheduled'
"""
# In the order of moves and edits, so that they cannot deadlock. What is claimed is left alone, so
# that no worker waits for a queue that gets new times.
LOCK_DESTINATIONS = f"""
    SELECT d.id FROM destinations_destination d
    WHERE d.post_id = ANY(ARRAY({QUEUED})) AND d.claim IS NULL AND d.status = 'queued'
    ORDER BY d.id FOR UPDATE
"""
MOVABLE = f"""
    SELECT d.post_id, array_agg(d.account_number) AS accounts
    FROM destinations_destination d WHERE d.post_id = ANY(ARRAY({QUEUED}))
    GROUP BY d.post_id HAVING bool_and(d.id = ANY (%(locked)s::uuid[]))
"""
LOCK_POSTS = f"""
    SELECT 1 FROM posts_post WHERE id = ANY(ARRAY(SELECT post_id FROM ({MOVABLE}) AS movable))
    ORDER BY id FOR UPDATE
"""
WAITING = f"""
    WITH waiting AS MATERIALIZED ({MOVABLE})
    SELECT p.id, p.scheduled_for, p.slot_at, waiting.accounts
    FROM posts_post p JOIN waiting ON waiting.post_id = p.id
    ORDER BY p.queue_priority, p.created_at, p.id
"""
OCCUPIED = """
    WITH queued AS MATERIALIZED (
        SELECT id, slot_at FROM posts_post
        WHERE posting_queue_id = %(queue)s AND slot_at >= %(now)s
          AND id <> ALL (%(posts)s::uuid[])
    )
    SELECT slot_at, (SELECT array_agg(d.account_number) FROM destinations_destination d
                     WHERE d.post_id = queued.id)
    FROM queued
"""
RECORDED = """
    INSERT INTO destinations_event
        (destination_id, at, move, from_status, to_status, by, reason, request_id)
    SELECT id, %(now)s, %(move)s, 'queued', 'queued', %(by)s, '', %(request_id)s
    FROM moved ORDER BY id
"""
HOLD = f"""
    WITH moved AS (
        UPDATE destinations_destination SET due_at = NULL, updated_at = %(now)s
        WHERE post_id = ANY (%(posts)s::uuid[]) RETURNING id
    ) {RECORDED}
"""
PLACE = """
    WITH given AS MATERIALIZED (
        SELECT * FROM unnest(%(posts)s::uuid[], %(times)s::timestamptz[], %(slots)s::timestamptz[],
            %(moved)s::boolean[]) AS given(post, at, slot, has_moved)
    ), placed AS (
        UPDATE posts_post p SET scheduled_for = given.at, slot_at = given.slot, updated_at = %(now)s
        FROM given WHERE p.id = given.post
        RETURNING p.id, p.workspace_id, p.metadata, given.has_moved
    ), told AS (
        INSERT INTO posts_webhookevent (workspace_id, event, created_at, data)
        SELECT workspace_id, 'post.updated', %(now)s,
            json_build_object('post_id', id, 'changed', json_build_array('scheduled_for'),
                'metadata', metadata)::text
        FROM placed WHERE has_moved
          AND {has_webhook}
    ), moved AS (
        UPDATE destinations_destination d
        SET due_at = CASE WHEN %(active)s AND NOT {is_held}
                THEN given.at END,
            wanted_at = given.at,
            not_after = given.at
                + LEAST(p.missed_after_minutes, %(minutes)s) * interval '1 minute',
            updated_at = %(now)s
        FROM given JOIN posts_post p ON p.id = given.post
        WHERE d.post_id = given.post RETURNING d.id
    ) {recorded}
"""


class MovablePost(NamedTuple):
    """A post of the queue that may be moved."""

    id: uuid.UUID
    scheduled_for: datetime
    slot_at: datetime
    accounts: list[int]

    @property
    def times(self) -> tuple[datetime, datetime]:
        return self.scheduled_for, self.slot_at


class QueuePlace(NamedTuple):
    """A post's new place: its time, the slot that this is for, and both before."""

    post: uuid.UUID
    at: datetime
    slot: datetime
    old: tuple[datetime, datetime]

    @property
    def has_moved(self) -> bool:
        return self.at != self.old[0]


@dataclass(frozen=True, slots=True)
class Retiming:
    """A queue that is locked, and who changes its posts. `was_active`: before it was changed."""

    queue: PostingQueue
    was_active: bool
    by: str
    request_id: str
    now: datetime

    def hold(self) -> int:
        """Let the posts wait; none gets another time: 0."""
        for some in _batches(self._waiting()):
            changes.note({each.id: each.scheduled_for for each in some})
            self._write(HOLD, "hold", posts=[each.id for each in some])
            same = {each.id: (each.scheduled_for, each.scheduled_for) for each in some}
            self._follow(same)
        return 0

    def resume(self) -> int:
        """Let the posts go on; those whose time is past get new slots. Returns how many do."""
        waiting = self._waiting()
        past = [each for each in waiting if each.scheduled_for <= self.now]
        kept = [
            QueuePlace(each.id, *each.times, each.times)
            for each in waiting
            if each.scheduled_for > self.now
        ]
        return self._place([*self._places(past), *kept])

    def place_all(self) -> int:
        """Give all posts slots anew; returns how many have another time now."""
        places = self._places(self._waiting())
        if self.queue.active == self.was_active:
            places = (place for place in places if (place.at, place.slot) != place.old)
        return self._place(list(places))

    def _waiting(self) -> list[MovablePost]:
        """Return the posts that may be moved, locked, those first that get the first slots."""
        values: dict[str, Any] = {"queue": self.queue.pk}
        values["locked"] = [pk for (pk,) in database.execute(LOCK_DESTINATIONS, values)]
        database.execute(LOCK_POSTS, values)
        return [MovablePost(*row) for row in database.execute(WAITING, values)]

    def _places(self, posts: Collection[MovablePost]) -> Iterator[QueuePlace]:
        """Yield a free slot for each, in this order. Raises RequestRefused if there are too few."""
        board = _Board(self.queue, self.now)
        board.occupy(self._occupied([each.id for each in posts]))
        for each in posts:
            slot = board.take(each.accounts)
            at = slots.jittered(self.queue, each.id, slot)
            yield QueuePlace(each.id, at, slot, each.times)

    def _occupied(self, but: Sequence[uuid.UUID]) -> list[tuple[datetime, list[int] | None]]:
        values = {"queue": self.queue.pk, "now": self.now, "posts": list(but)}
        return database.execute(OCCUPIED, values)

    def _place(self, places: Sequence[QueuePlace]) -> int:
        """Put the posts there; returns how many have another time now."""
        for some in _batches(places):
            posts, times, slots, _ = (list(column) for column in zip(*some, strict=True))
            moved = [place.has_moved for place in some]
            self._follow({place.post: (place.old[0], place.at) for place in some})
            changes.note({place.post: place.old[0] for place in some})
            self._write(_place_sql(), "edit", posts=posts, times=times, slots=slots, moved=moved)
        if moved_count := sum(place.has_moved for place in places):
            outbox.wake_after_commit()
        return moved_count

    def _follow(self, times: Mapping[uuid.UUID, tuple[datetime, datetime]]) -> None:
        """Tell the hooks of these times before destinations are due again."""
        for hold in holds.every():
            hold.retimed(
                times,
                self.now,
                by=self.by,
                request_id=self.request_id,
                is_queue_active=self.queue.active,
            )

    def _write(self, sql: str, move: str, **values: Any) -> None:
        values |= {
            "now": self.now,
            "move": move,
            "by": self.by,
            "request_id": self.request_id,
            "active": self.queue.active,
            "minutes": self.queue.workspace.missed_after_minutes,
        }
        database.execute(sql, values)


@cache
def _place_sql() -> str:
    return PLACE.format(
        has_webhook=HAS_WEBHOOK.format(workspace="placed.workspace_id"),
        is_held=holds.is_held("d.post_id"),
        recorded=RECORDED,
    )


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


@dataclass(slots=True)
class _Taken:
    """The number of posts in a slot, and their accounts."""

    count: int = 0
    accounts: set[int] = field(default_factory=set)

    def add(self, accounts: Collection[int]) -> None:
        self.count += 1
        self.accounts.update(accounts)


class _Board:
    """The slots that a queue gives out, and who is in them."""

    def __init__(self, queue: PostingQueue, now: datetime) -> None:
        self.queue = queue
        self.open = {slot: _Taken() for slot in slots.upcoming(queue, now)}

    def occupy(self, taken: Collection[tuple[datetime, list[int] | None]]) -> None:
        for slot, accounts in taken:
            if slot in self.open:
                self._add(slot, accounts or ())

    def take(self, accounts: Collection[int]) -> datetime:
        """Return the first slot with room for a post to these accounts, which is now in it."""
        for slot, taken in self.open.items():
            if taken.accounts.isdisjoint(accounts):
                self._add(slot, accounts)
                return slot
        raise slots.full(self.queue)

    def _add(self, slot: datetime, accounts: Collection[int]) -> None:
        taken = self.open[slot]
        taken.add(accounts)
        if taken.count >= self.queue.max_posts_per_slot:
            del self.open[slot]
