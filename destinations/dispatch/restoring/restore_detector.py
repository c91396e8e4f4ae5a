"""Detects a database that was restored from a backup, or a promoted standby that lagged.

What such a database calls due may be public already, and nothing in it says so. Everything that
could have been sent in the lost time is therefore looked up, or ends as possibly published, and a
person decides (`lost_history.py`).

How a restore is detected: every tick increments a counter in the database and then copies it to
Redis, and so does every claim that takes something, before its messages are sent. A database of
which a counter is behind Redis has lost history. Redis may be emptied at any time, or lost or
restored together with the database; then it is enough that the database's identity has changed.
Only a copy in Redis that is minutes old proves that nothing is missing all the same.

A promoted standby may have every claim, and lack what came of the last ones. So if the identity has
changed and commits did not wait for a standby, what is claimed is doubted, too.

The whole check runs at every tick, before the first claim of a process, and after it has lost the
database. Claims between ticks ask `is_current`, which costs one read of Redis and no statement of
its own: the counters are read with the claim lock, in the claim's own transaction. That is as
strong, no matter what a restore looks like (tables replaced below a living connection, another
server behind the same address): with a recent copy in Redis the verdict depends on the counters
alone, and in every other case `is_current` says no and the whole check runs.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from destinations.dispatch import changes
from destinations.dispatch.restoring import lost_history
from destinations.models import ClaimCounter, Heartbeat
from destinations.runtime import clock, database
from destinations.runtime.redis_client import client

#: In Redis: the HeartbeatSnapshot of the last tick that is certain to be committed, as a plain
#: tuple, which every release can read. 0.1.0 keeps its own at `heartbeat_snapshot`.
KEY = "last_tick"
#: In Redis: when the last tick ran. An emptied cache has it again a tick later.
TICK_KEY = "tick"
#: In Redis: how many claims are certain to be committed. Copies come late and in any order.
CLAIMS_KEY = "dovecote:claims"
NOTE_CLAIMS = """
if tonumber(ARGV[1]) > tonumber(redis.call('GET', KEYS[1]) or '0') then
    redis.call('SET', KEYS[1], ARGV[1])
end
"""
#: A claim may be counted meanwhile.
KEEP_COUNTER = """
INSERT INTO destinations_claimcounter AS c (id, count, is_synchronous)
VALUES (1, %(claims)s, %(is_synchronous)s)
ON CONFLICT (id) DO UPDATE SET count = GREATEST(c.count, %(claims)s),
    is_synchronous = %(is_synchronous)s
"""
#: Whether a commit is in a standby's log once it is acknowledged.
IS_SYNCHRONOUS = """
SELECT current_setting('synchronous_standby_names') <> ''
    AND current_setting('synchronous_commit') IN ('on', 'remote_apply')
"""
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
    """The number of ticks Redis remembers, and the time of the last by the database's clock."""

    ticks: int
    at: datetime


class Known(NamedTuple):
    """Everything Redis remembers at a moment: the last tick, and how many claims there were."""

    snapshot: HeartbeatSnapshot | None
    claims: int


class Doubt(IntEnum):
    """The rows that may have been sent without this database knowing it."""

    NOTHING = 0
    #: A worker's claims: they are here, and their outcomes may be missing.
    CLAIMED = 1
    #: Everything that is due.
    ALL = 2


def check(*, is_tick: bool = True) -> None:
    """Count a tick; after a restore, mark what may have been sent as possibly published.

    Without a tick the database that is known is left as it is.
    """
    # Before the tick is counted: a database set back to this very tick finds the memory begun.
    changes.remember_from_now()
    known, here = _known(), identity()
    heartbeat = _heartbeat()
    doubt = _doubt(heartbeat, _counter(), known, here)
    if not is_tick and not doubt and heartbeat.database == here:
        return
    with transaction.atomic():
        # A stalled counter must not block other ticks; a restore must.
        locked = _heartbeats().select_for_update(skip_locked=not doubt)
        found = locked.first()
        if found is None:
            return
        heartbeat = found
        counter = _counter()
        doubt = _doubt(heartbeat, counter, known, here)
        if doubt is Doubt.ALL:
            redis_knows = _knows_more(known, heartbeat, counter)
            lost_history.doubt(heartbeat, by="beat", redis_knows=redis_knows, is_last_tick=True)
        elif doubt is Doubt.CLAIMED:
            lost_history.doubt_claimed(heartbeat, by="beat")
        _count(heartbeat, counter, known, here)
    _save_snapshot(heartbeat, known)


def is_current() -> Callable[[int, int], bool]:
    """Return whether Redis proves that a database with these counters has lost nothing.

    Ask Redis first: its copies are always behind the database that they were made from.
    """
    snapshot, known_claims = _known()
    return lambda ticks, claims: (
        snapshot is not None
        and snapshot.ticks <= ticks
        and known_claims <= claims
        and _is_complete(ticks, snapshot)
    )


def remember_claims(count: int) -> None:
    """Tell Redis how many claims are committed. Raises RedisError."""
    client(settings.REDIS_URL).eval(NOTE_CLAIMS, 1, CLAIMS_KEY, count)


def declare_restored(by: str) -> Counter[str]:
    """Doubt what may have been sent since the last tick that the database knows, and go on.

    Returns counts of destinations by platform. Raises RedisError.
    """
    known, heartbeat = _known(), _heartbeat()
    redis_knows = _knows_more(known, heartbeat, _counter())
    marked = lost_history.doubt(heartbeat, by=by, redis_knows=redis_knows)
    _accept()
    return marked


def accept() -> None:
    """Take the database as it is: what is due in it was not sent."""
    _accept()
    Heartbeat.objects.update(restored_at=None)


def _accept() -> None:
    changes.remember_from_now()
    known, here = _known(), identity()
    _heartbeat()
    with transaction.atomic():
        heartbeat = _heartbeats().select_for_update().get()
        _count(heartbeat, _counter(), known, here)
    _save_snapshot(heartbeat, known)


def record_tick() -> None:
    """Record in Redis that a tick ran; /readyz and the overview show it."""
    cache.set(TICK_KEY, clock.now().isoformat(), timeout=None)


def last_tick() -> datetime | None:
    """Return when the last tick ran; None if none is known. Raises what the cache raises."""
    found = cache.get(TICK_KEY)
    return parse_datetime(found) if isinstance(found, str) else None


def identity() -> str:
    """Return which database this is; it changes with a restore or the promotion of a standby."""
    return "/".join(_answer(question) for question in IDENTITY)


def _answer(question: str) -> str:
    """Return the server's answer; blank where it refuses, as some hosted servers do."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(question)
            (found,) = cursor.fetchone()
            return str(found)
    except DatabaseError as refusal:
        if database.is_away(refusal):
            raise
        return ""


def _heartbeats() -> QuerySet[Heartbeat]:
    return Heartbeat.objects.filter(pk=1)


def _heartbeat() -> Heartbeat:
    """Return the row as it is now, unlocked; created by the first tick."""
    found = _heartbeats().first()
    if found is None:
        # Two first ticks at once are not an error, not even in PostgreSQL's log.
        first = Heartbeat(pk=1, at=clock.now())
        Heartbeat.objects.bulk_create([first], ignore_conflicts=True)
        found = _heartbeats().get()
    return found


def _counter() -> ClaimCounter:
    """Return the counter of claims as it is now; unsaved before the first claim."""
    return ClaimCounter.objects.filter(pk=1).first() or ClaimCounter(count=0, is_synchronous=False)


def _doubt(heartbeat: Heartbeat, counter: ClaimCounter, known: Known, here: str) -> Doubt:
    snapshot = known.snapshot
    if snapshot and (snapshot.ticks > heartbeat.count or known.claims > counter.count):
        return Doubt.ALL
    if heartbeat.database in ("", here):
        return Doubt.NOTHING
    if not (snapshot and _is_complete(heartbeat.count, snapshot)):
        return Doubt.ALL
    return Doubt.NOTHING if counter.is_synchronous else Doubt.CLAIMED


def _knows_more(known: Known, heartbeat: Heartbeat, counter: ClaimCounter) -> bool:
    """Return whether Redis has counted more ticks or claims than the database."""
    snapshot = known.snapshot
    if snapshot is None or not heartbeat.count:
        return False
    return heartbeat.count < snapshot.ticks or counter.count < known.claims


def _is_complete(count: int, snapshot: HeartbeatSnapshot) -> bool:
    """Return whether a recent snapshot proves that nothing is missing."""
    is_recent = clock.now() - snapshot.at <= MOVING
    return is_recent and count - snapshot.ticks <= SLACK_TICKS


def _count(heartbeat: Heartbeat, counter: ClaimCounter, known: Known, here: str) -> None:
    ticks = known.snapshot.ticks if known.snapshot else 0
    heartbeat.count = max(heartbeat.count, ticks) + 1
    heartbeat.database = here
    heartbeat.at = clock.now()
    heartbeat.save()
    is_synchronous = _is_synchronous()
    if counter.is_synchronous != is_synchronous or counter.count < known.claims:
        with connection.cursor() as cursor:
            values = {"claims": known.claims, "is_synchronous": is_synchronous}
            cursor.execute(KEEP_COUNTER, values)


def _is_synchronous() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(IS_SYNCHRONOUS)
        ((found,),) = cursor.fetchall()
        return bool(found)


def _known() -> Known:
    found = cache.get(KEY)
    # Another release may have stored something else.
    if not isinstance(found, tuple):
        return Known(None, 0)
    claims: Any = client(settings.REDIS_URL).get(CLAIMS_KEY)
    return Known(HeartbeatSnapshot(*found), int(claims or 0))


def _save_snapshot(heartbeat: Heartbeat, known: Known) -> None:
    """Copy the counts to Redis. Called after the commit: only committed ticks are copied."""
    if known.snapshot is None:
        # It knows nothing of this database, so what it says of claims is another one's.
        client(settings.REDIS_URL).delete(CLAIMS_KEY)
    cache.set(KEY, (heartbeat.count, heartbeat.at), timeout=None)
