"""What a process knows of its leases, also when it was stopped for a while without noticing.

A stopped process (a signal, a paused machine, a laptop asleep) wakes up with work half done and no
idea that its lease ended long ago. So a lease is believed in only for a part of its length, from
the moment before the database was asked for it, and by whichever clock ran furthest: one of them
stands still while a machine sleeps, another may be set back.
"""

import time
from typing import NamedTuple

from django.conf import settings

#: Renewed at every third of its length, a lease lives through a renewal that comes late. The rest
#: is for the request to reach the network before anybody else may look there.
SAFE_PART = 2 / 3
#: Runs while the machine sleeps; not every system has it.
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Moment(NamedTuple):
    """A point in time by every clock there is, in seconds."""

    running: float
    since_boot: float
    wall: float


def now() -> Moment:
    return Moment(time.monotonic(), time.clock_gettime(_BOOT_CLOCK), time.time())


def seconds_since(then: Moment) -> float:
    """How long ago that was, by the clock that says longest."""
    return max(after - before for before, after in zip(then, now(), strict=True))


class Lease:
    """The lease of one claim; not believed in until it is confirmed."""

    def __init__(self) -> None:
        self._asked_at: Moment | None = None

    def confirm(self, asked_at: Moment) -> None:
        """The database gave, or lengthened, the lease when asked at that moment or later."""
        self._asked_at = asked_at

    def is_certain(self) -> bool:
        """Whether nobody else can have begun this work by now."""
        if self._asked_at is None:
            return False
        return seconds_since(self._asked_at) < settings.LEASE_SECONDS * SAFE_PART
