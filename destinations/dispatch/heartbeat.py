"""Detects a database that was restored from a backup, or a promoted standby that lagged.

What such a database calls due may be public already, and nothing in it says so. Everything that
could have been sent in the lost time therefore ends as possibly published, and a person decides
(`restored.py`).

How a restore is detected: every tick increments a counter in the database and then copies it to
Redis. A database whose counter is behind Redis has lost history. Redis may be emptied at any time,
or lost or restored together with the database; then it is enough that the database's identity has
changed. Only a copy in Redis that is minutes old proves that nothing is missing all the same.

The whole check runs at every tick. Claims between ticks ask `is_current`, which costs one read of
Redis and no statement of its own: the counter is read with the claim lock, in the claim's own
transaction. That is as strong, no matter what a restore looks like (tables replaced below a living
connection, another server behind the same address): with a recent copy in Redis the verdict depends
on the counter alone, and in every other case `is_current` says no and the whole check runs.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from destinations.dispatch import changes, restored
from destinations.models import Heartbeat
from destinations.runtime import clock, db_errors

#: In Redis: the HeartbeatSnapshot of the last tick that is certain to be committed.
KEY = "heartbeat_snapshot"
#: In Redis: when the last tick ran. An emptied cache has it again a tick later.
TICK_KEY = "tick"
#: How far Redis may be behind, because a worker died before it copied or two ticks overlapped.
SLACK_TICKS = 5
#: How long it may take to switch all processes to another database.
MOVING = timedelta(minutes=10)

# A restored dump has other tables, is another database or has another server; a promoted standby
# and a point-in-time recovery have another timeline. A copy of a server's files differs in nothing.
IDENTITY = (
    "SELECT system_identifier FROM pg_control_system()",
    "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)",
    "SELECT oid FROM pg_database WHERE datname = current_database()",
    "SELECT 'destinations_destination'::regclass::oid",
)


class HeartbeatSnapshot(NamedTuple):
    """What Redis knows: how many ticks there were, and when, by the database's clock."""

    ticks: int
    at: datetime


def check() -> None:
    """Count a tick; after a restore, mark what may have been sent as possibly published."""
    snapshot, here = _snapshot(), identity()
    is_restored = _has_lost_history(_heartbeat(), snapshot, here)
    with transaction.atomic():
        # A stalled counter must not block other ticks; a restore must.
        locked = _heartbeats().select_for_update(skip_locked=not is_restored)
        heartbeat = locked.first()
        if heartbeat is None:
            return
        if _has_lost_history(heartbeat, snapshot, here):
            restored.doubt(heartbeat, by="beat", redis_knows=_knows_more(snapshot, heartbeat))
        _count(heartbeat, snapshot, here)
    _save_snapshot(heartbeat)


def is_current() -> Callable[[int], bool]:
    """Whether Redis proves that a database with this counter has lost nothing.

    Ask Redis first: its copy is always behind the database that it was made from.
    """
    snapshot = _snapshot()
    return lambda count: (
        snapshot is not None and snapshot.ticks <= count and _is_complete(count, snapshot)
    )


def declare_restored(by: str) -> Counter[str]:
    """Doubt what may have been sent since the last tick that the database knows, and go on.

    Returns counts of destinations by platform. Raises RedisError.
    """
    snapshot = _snapshot()
    heartbeat = _heartbeat()
    marked = restored.doubt(heartbeat, by=by, redis_knows=_knows_more(snapshot, heartbeat))
    accept()
    return marked


def accept() -> None:
    """Take the database as it is: what is due in it was not sent."""
    snapshot, here = _snapshot(), identity()
    _heartbeat()
    with transaction.atomic():
        heartbeat = _heartbeats().select_for_update().get()
        _count(heartbeat, snapshot, here)
    _save_snapshot(heartbeat)


def record_tick() -> None:
    """Record in Redis that a tick ran; /readyz and the overview show it."""
    cache.set(TICK_KEY, clock.now().isoformat(), timeout=None)


def last_tick() -> datetime | None:
    """When the last tick ran; None if none is known. Raises what the cache raises."""
    found = cache.get(TICK_KEY)
    return parse_datetime(found) if isinstance(found, str) else None


def identity() -> str:
    """Which database this is; it changes with a restore or the promotion of a standby."""
    return "/".join(_answer(question) for question in IDENTITY)


def _answer(question: str) -> str:
    """The server's answer; blank where it refuses, as some hosted servers do."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(question)
            (found,) = cursor.fetchone()
            return str(found)
    except DatabaseError as refusal:
        if db_errors.is_away(refusal):
            raise
        return ""


def _heartbeats() -> QuerySet[Heartbeat]:
    return Heartbeat.objects.filter(pk=1)


def _heartbeat() -> Heartbeat:
    """The row as it is now, unlocked; created by the first tick."""
    found = _heartbeats().first()
    if found is None:
        # Two first ticks at once are not an error, not even in PostgreSQL's log.
        first = Heartbeat(pk=1, at=clock.now())
        Heartbeat.objects.bulk_create([first], ignore_conflicts=True)
        found = _heartbeats().get()
    return found


def _has_lost_history(heartbeat: Heartbeat, snapshot: HeartbeatSnapshot | None, here: str) -> bool:
    if snapshot and snapshot.ticks > heartbeat.count:
        return True
    is_another = heartbeat.database not in ("", here)
    return is_another and not (snapshot and _is_complete(heartbeat.count, snapshot))


def _knows_more(snapshot: HeartbeatSnapshot | None, heartbeat: Heartbeat) -> bool:
    """Whether there is a last tick that the database knows, and Redis was in use after it."""
    return snapshot is not None and 0 < heartbeat.count < snapshot.ticks


def _is_complete(count: int, snapshot: HeartbeatSnapshot) -> bool:
    """Whether a recent snapshot proves that nothing is missing."""
    is_recent = clock.now() - snapshot.at <= MOVING
    return is_recent and count - snapshot.ticks <= SLACK_TICKS


def _count(heartbeat: Heartbeat, snapshot: HeartbeatSnapshot | None, here: str) -> None:
    heartbeat.count = max(heartbeat.count, snapshot.ticks if snapshot else 0) + 1
    heartbeat.database = here
    heartbeat.at = clock.now()
    heartbeat.save()


def _snapshot() -> HeartbeatSnapshot | None:
    found = cache.get(KEY)
    # Another release may have stored something else.
    return found if isinstance(found, HeartbeatSnapshot) else None


def _save_snapshot(heartbeat: Heartbeat) -> None:
    """Called after the commit: only committed ticks are copied."""
    changes.remember_from_now()
    cache.set(KEY, HeartbeatSnapshot(heartbeat.count, heartbeat.at), timeout=None)
