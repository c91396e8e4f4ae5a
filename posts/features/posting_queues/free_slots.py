"""The next free slot of a queue, for a post to some accounts."""

import hashlib
import uuid
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from posts.composing.queueing import NO_POST
from posts.errors import RequestRefused
from posts.features.posting_queues import slots
from posts.models import PostingQueue

#: A slot is given out until so long before it.
NOTICE = timedelta(minutes=2)
#: How far ahead slots are given out.
AHEAD = timedelta(days=90)

QUEUED = """
    WITH queued AS MATERIALIZED (
        SELECT id, slot_at FROM posts_post
        WHERE posting_queue_id = %(queue)s AND slot_at >= %(start)s AND slot_at < %(end)s
          AND id <> %(but)s
    )
    SELECT slot_at FROM queued GROUP BY slot_at HAVING count(*) >= %(most)s
"""
# An aggregate is looked up for each post; EXISTS may become a join with all destinations.
OR_THEIRS = """ OR bool_or((
    SELECT bool_or(d.account_number = ANY(%(accounts)s))
    FROM destinations_destination d WHERE d.post_id = queued.id))
"""


def upcoming(queue: PostingQueue, now: datetime) -> Iterator[datetime]:
    """Return the slots that are given out now, taken or not, in their order."""
    start = now + NOTICE
    return slots.instants(slots.read(queue.slots), queue.timezone, start, start + AHEAD)


def taken(
    queue: PostingQueue, accounts: Collection[int], now: datetime, but: uuid.UUID = NO_POST
) -> set[datetime]:
    """Return the slots that are full, or that one of these accounts has."""
    start = now + NOTICE
    values: dict[str, Any] = {
        "queue": queue.pk,
        "start": start,
        "end": start + AHEAD,
        "but": but,
        "most": queue.max_posts_per_slot,
        "accounts": list(accounts),
    }
    # A slot of one post is full, no matter whose it is.
    asks_whose = accounts and queue.max_posts_per_slot > 1
    with connection.cursor() as cursor:
        cursor.execute(QUEUED + OR_THEIRS if asks_whose else QUEUED, values)
        return {slot for (slot,) in cursor.fetchall()}


def available(
    queue: PostingQueue, accounts: Collection[int], now: datetime, but: uuid.UUID = NO_POST
) -> Iterator[datetime]:
    """Return the slots with room for a post to these accounts. `but`: a post to ignore."""
    used = taken(queue, accounts, now, but)
    return (slot for slot in upcoming(queue, now) if slot not in used)


def first(
    queue: PostingQueue, accounts: Collection[int], now: datetime, but: uuid.UUID = NO_POST
) -> datetime:
    """Return the first of these; the caller holds the queue's lock. Raises RequestRefused."""
    found = next(available(queue, accounts, now, but), None)
    if found is None:
        raise full(queue)
    return found


def full(queue: PostingQueue) -> RequestRefused:
    return RequestRefused(
        "queue_full",
        f"The queue {queue.name} has no free slot within {AHEAD.days} days: give it more slots, or "
        "schedule the post for a time of its own.",
        queue_id=str(queue.pk),
    )


def jittered(queue: PostingQueue, post_id: uuid.UUID, slot: datetime) -> datetime:
    """Return when a post in this slot is published: always the same for the same post and slot."""
    seconds = queue.jitter_minutes * 60
    digest = hashlib.sha256(post_id.bytes + slot.isoformat().encode()).digest()
    return slot + timedelta(seconds=int.from_bytes(digest[:8]) % (seconds + 1))
