"""The database's clock, as this process knows it.

PostgreSQL compares leases and due times, whichever host wrote them. If each host wrote its own
time, a host whose clock is fast or slow would start a post too early, too late, or while another
still holds it. So the host's clock is not used: each process asks the database once a minute, and
in between adds the time of a clock that is never set.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

#: How long one measurement is trusted; after that a database on another host is noticed.
TRUSTED_SECONDS = 60
#: Runs while the machine sleeps, where there is such a clock.
STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class Measurement:
    """The database's time at a moment of the steady clock."""

    time: datetime
    at_seconds: float

    def age_seconds(self) -> float:
        return time.clock_gettime(STEADY) - self.at_seconds


_last: Measurement | None = None


def now() -> datetime:
    """Return the database's time: never ahead of it, and late by no more than its answer took.

    May ask the database, so it is for threads that own a connection. A thread that reads from a
    replica asks nothing: that host has a clock of its own.
    """
    if connection.settings_dict is settings.DATABASE_REPLICA:
        return known()
    # Two threads that measure at once do no harm: either result is right.
    if _last is None or _last.age_seconds() > TRUSTED_SECONDS:
        _measure()
    return known()


def known() -> datetime:
    """Return the time by the last measurement, or by this host if there is none. Asks nothing."""
    last = _last
    if last is None:
        return datetime.now(UTC)
    return last.time + timedelta(seconds=last.age_seconds())


def reset() -> None:
    """Forget the last measurement."""
    global _last
    _last = None


def _measure() -> None:
    global _last
    with connection.cursor() as cursor:
        # Not now(): that is when the transaction began.
        cursor.execute("SELECT clock_timestamp()")
        (found,) = cursor.fetchone()
    _last = Measurement(found.astimezone(UTC), time.clock_gettime(STEADY))
