"""A database that comes back with a past behind its own: a backup, or a standby that lagged.

What it calls due may be public already, and nothing in it tells. So whatever could have been sent
in the time that it has forgotten ends as one that may be live: a person looks, and says.

How that is known: every tick counts one up in the database, and then tells Redis the count. A
database that counts less than Redis was told has forgotten. Redis may be emptied at any time, or
lost or restored together with the database; then it is enough that the database is another one than
before. Only a Redis that was told a moment ago can say that nothing is missing all the same.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from destinations.models import Heartbeat
from destinations.runtime import clock, db_errors
from destinations.state import restore

log = structlog.get_logger()

#: In Redis: what was `Told` of the last tick that is certain to be committed.
KEY = "heartbeat"
#: So many ticks may be committed, and Redis not told, because a worker died or two were at it.
SLACK_TICKS = 5
#: How long another database, and all of its processes, may take to get into its place.
MOVING = timedelta(minutes=10)

# A restored dump has other tables, is another database or has another server; a promoted standby
# and a recovery to a point in time have another timeline; a copy of a server's files has nothing.
IDENTITY = (
    "SELECT system_identifier FROM pg_control_system()",
    "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)",
    "SELECT oid FROM pg_database WHERE datname = current_database()",
    "SELECT 'destinations_destination'::regclass::oid",
)


class Told(NamedTuple):
    """What Redis knows: how many ticks there were, and when, by the database's clock."""

    ticks: int
    at: datetime


def notice() -> None:
    """Count a tick, and doubt what must be doubted if the database has forgotten anything."""
    told, here = _told(), identity()
    must_doubt = _has_forgotten(_heartbeat(), told, here)
    with transaction.atomic():
        # Whoever is frozen while it counts keeps nobody from a tick; whoever doubts, everybody.
        locked = _heartbeats().select_for_update(skip_locked=not must_doubt)
        heartbeat = locked.first()
        if heartbeat is None:
            return
        if _has_forgotten(heartbeat, told, here):
            doubted = restore.mark_possibly_published(by="beat")
            log.error("history_forgotten", since=heartbeat.at.isoformat(), doubted=dict(doubted))
        _count(heartbeat, told, here)
    _tell(heartbeat)


def accept() -> None:
    """Take the database as it is: what is due in it was not sent."""
    told, here = _told(), identity()
    _heartbeat()
    with transaction.atomic():
        heartbeat = _heartbeats().select_for_update().get()
        _count(heartbeat, told, here)
    _tell(heartbeat)


def identity() -> str:
    """Which database this is; another after a restore or the promotion of a standby."""
    return "/".join(_answer(question) for question in IDENTITY)


def _answer(question: str) -> str:
    """The server's answer; blank where it has none for us, as some that are rented."""
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
    """As it is at this moment; made if this is the first tick."""
    found = _heartbeats().first()
    if found is None:
        # Two first ticks at once are no error, also not in PostgreSQL's log.
        first = Heartbeat(pk=1, at=clock.now())
        Heartbeat.objects.bulk_create([first], ignore_conflicts=True)
        found = _heartbeats().get()
    return found


def _has_forgotten(heartbeat: Heartbeat, told: Told | None, here: str) -> bool:
    if told and told.ticks > heartbeat.count:
        return True
    is_another = heartbeat.database not in ("", here)
    return is_another and not (told and _vouches(told, heartbeat))


def _vouches(told: Told, heartbeat: Heartbeat) -> bool:
    """Whether Redis, of this very time itself, says that nothing is missing."""
    is_recent = clock.now() - told.at <= MOVING
    return is_recent and heartbeat.count - told.ticks <= SLACK_TICKS


def _count(heartbeat: Heartbeat, told: Told | None, here: str) -> None:
    heartbeat.count = max(heartbeat.count, told.ticks if told else 0) + 1
    heartbeat.database = here
    heartbeat.at = clock.now()
    heartbeat.save()


def _told() -> Told | None:
    told = cache.get(KEY)
    # Another release may have told something else.
    return told if isinstance(told, Told) else None


def _tell(heartbeat: Heartbeat) -> None:
    """Only what is committed is told."""
    cache.set(KEY, Told(heartbeat.count, heartbeat.at), timeout=None)
