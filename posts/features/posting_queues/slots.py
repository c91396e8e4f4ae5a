"""Calculate the instants of a week's slots in a time zone, and find the next free one of a queue.

A slot is a wall time, and becomes the first instant at which the zone's clocks show it or, where
they skip it, have passed it: in a gap the first instant after the gap, in an overlap the first of
the two. So a later wall time is never an earlier instant.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from destinations.runtime import database
from posts.composing.queueing import NO_POST
from posts.errors import RequestRefused
from posts.models import PostingQueue

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class Slot(NamedTuple):
    """A time of the week; 0 is Sunday."""

    day_of_week: int
    time: time

    def as_json(self) -> dict[str, Any]:
        return {"day_of_week": self.day_of_week, "time": f"{self.time:%H:%M}"}


def read(stored: Collection[Mapping[str, Any]]) -> list[Slot]:
    """Return the slots of a queue, from its JSON."""
    return [Slot(each["day_of_week"], time.fromisoformat(each["time"])) for each in stored]


def instants(
    slots: Collection[Slot], zone_name: str, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Yield each instant from `start` on, before `end`, in UTC: strictly increasing."""
    zone = ZoneInfo(zone_name)
    times: dict[int, list[time]] = {}
    for slot in sorted(slots):
        times.setdefault(slot.day_of_week, []).append(slot.time)
    last = start - SECOND
    for day in _days(start.astimezone(zone).date() - DAY, end.astimezone(zone).date()):
        for wall in times.get(day.isoweekday() % 7, ()):
            instant = first_instant(datetime.combine(day, wall), zone)
            if start <= instant < end and instant > last:
                last = instant
                yield instant


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which the zone's clocks show this wall time or a later one."""
    before = wall.replace(tzinfo=zone, fold=0)
    instant = before.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    offset = before.utcoffset()
    # In a gap, the two ways to read the time are on either side of the change.
    early, late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    while late - early > SECOND:
        middle = early + timedelta(seconds=(late - early) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late


def _days(first: date, last: date) -> Iterator[date]:
    return (first + DAY * number for number in range((last - first).days + 1))


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
    return instants(read(queue.slots), queue.timezone, start, start + AHEAD)


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
    sql = QUEUED + OR_THEIRS if asks_whose else QUEUED
    return {slot for (slot,) in database.execute(sql, values)}


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
