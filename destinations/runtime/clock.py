"""The database's clock, as this process knows it.

PostgreSQL compares leases and due times, whichever host wrote them. If each host wrote its own
time, a host whose clock is fast or slow would start a post too early, too late, or while another
still holds it. So the host's clock is not used: each process asks the database once a minute, and
in between adds the time of a clock that is never set.

The database's clock may be set too, or belong to another host after a promotion. Two measurements
that disagree with the clock that is never set show it, so a process knows how long ago a moment was
at least (`certain_age`), as far as it has lived.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

#: How long one measurement is trusted; after that a database on another host is noticed.
TRUSTED_SECONDS = 60
#: What two answers may differ by without a step, and how many steps are remembered.
NOISE, MOST_STEPS = timedelta(seconds=1), 100
#: Runs while the machine sleeps, where there is such a clock.
STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class Measurement:
    """The database's time at a moment of the steady clock."""

    time: datetime
    at_seconds: float

    def age_seconds(self) -> float:
        return time.clock_gettime(STEADY) - self.at_seconds


_first: Measurement | None = None
_last: Measurement | None = None
#: By how much the database's clock was set forward, and its time afterwards; the newest last.
_steps: tuple[tuple[datetime, timedelta], ...] = ()


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


def certain_age(moment: datetime) -> timedelta:
    """Return how long ago a moment of the database's clock was at least, if that clock was set.

    What was before the first measurement of this process is not older than that. Asks nothing.
    """
    if _first is None:
        return timedelta()
    age = known() - moment - sum((size for at, size in _steps if at > moment), timedelta())
    return min(age, timedelta(seconds=_first.age_seconds())) if moment < _first.time else age


def reset() -> None:
    """Forget the last measurement, and steps."""
    global _last, _steps
    _last, _steps = None, ()


def _measure() -> None:
    global _first, _last, _steps
    with connection.cursor() as cursor:
        # Not now(): that is when the transaction began.
        cursor.execute("SELECT clock_timestamp()")
        (found,) = cursor.fetchone()
    new, last = Measurement(found.astimezone(UTC), time.clock_gettime(STEADY)), _last
    if last:
        step = new.time - last.time - timedelta(seconds=new.at_seconds - last.at_seconds)
        if step > NOISE:
            _steps = (*_steps, (new.time, step))[-MOST_STEPS:]
    _first, _last = _first or new, new
