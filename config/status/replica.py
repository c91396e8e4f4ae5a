"""The standby that lists are read from."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from django.conf import settings

from config.status import servers
from config.status.fact import Finding, Source, ok, warning
from destinations.runtime.replica import lag

MEANWHILE = "Lists are read from the primary meanwhile."


@dataclass(frozen=True, slots=True)
class Standby:
    """How far it is behind, and what its clock says, or the error that kept us from asking."""

    lag_seconds: float = 0.0
    clock: Finding | None = None
    error: lag.NoStandby | psycopg.Error | None = None

    @property
    def is_near(self) -> bool:
        return self.lag_seconds <= settings.DATABASE_REPLICA_MAX_LAG_SECONDS


def measure(source: Source) -> Standby | None:
    """Ask the standby; None where DATABASE_REPLICA_URL is not set."""
    if settings.DATABASE_REPLICA is None:
        return None
    try:
        with lag.measuring() as asked:
            seconds, before = asked.lag_seconds(), time.time()
            clock = servers.skew("the replica", asked.standby_time(), before, time.time())
            return Standby(seconds, clock)
    except (lag.NoStandby, psycopg.Error) as error:
        return Standby(error=error)


def judge(found: Standby | None) -> Iterator[Finding]:
    if found is None:
        return
    if isinstance(found.error, lag.NoStandby):
        said = f"{found.error} {MEANWHILE}"
        yield warning("replica", said, "Correct DATABASE_REPLICA_URL, or unset it.")
    elif found.error:
        # Only the class: messages of drivers name hosts and users.
        name = type(found.error).__name__
        said = f"It does not answer, or refuses a question: {name}. {MEANWHILE}"
        yield warning("replica", said, "Look at DATABASE_REPLICA_URL, at the server and its log.")
    elif found.is_near:
        yield ok("replica", f"{found.lag_seconds:.1f} s behind the primary")
    else:
        yield warning(
            "replica",
            f"It is {found.lag_seconds:.0f} s behind the primary. {MEANWHILE}",
            "Look at its load and its network, and on the primary at pg_stat_replication.",
        )
    if found.clock:
        yield found.clock
