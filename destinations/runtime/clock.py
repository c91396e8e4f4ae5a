"""The database's clock, as this process knows it.

Leases and due times are compared by PostgreSQL, whoever wrote them. If each host wrote its own
time, one whose clock is fast or slow would begin too early, too late, or what another still holds.
So nobody asks the host: the database is asked, once a minute and process, and in between its time
is counted on by a clock that nobody sets.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

#: How long one measurement is trusted: a database that moved to another host is noticed then.
TRUSTED_SECONDS = 60
#: It goes on while the machine sleeps, where there is such a clock.
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
    """The database's time: never ahead of it, and behind by no more than its answer took.

    May ask the database, so it is for threads that own a connection.
    """
    # Two threads that measure at once do no harm: either result is right.
    if _last is None or _last.age_seconds() > TRUSTED_SECONDS:
        _measure()
    return known()


def known() -> datetime:
    """The same without asking, by the last measurement; this host's time if there is none yet."""
    last = _last
    if last is None:
        return datetime.now(UTC)
    return last.time + timedelta(seconds=last.age_seconds())


def forget() -> None:
    """Measure again when next asked."""
    global _last
    _last = None


def _measure() -> None:
    global _last
    with connection.cursor() as cursor:
        # Not now(): that is when the transaction began.
        cursor.execute("SELECT clock_timestamp()")
        (found,) = cursor.fetchone()
    _last = Measurement(found.astimezone(UTC), time.clock_gettime(STEADY))
