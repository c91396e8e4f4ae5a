"""The standby that lists are read from."""

import time
from collections.abc import Iterator

import psycopg
from django.conf import settings

from config.doctor import servers
from config.doctor.finding import Finding, ok, warning
from destinations.runtime.replica import lag

MEANWHILE = "Lists are read from the primary meanwhile."


def check_replica() -> Iterator[Finding]:
    """Finds nothing where DATABASE_REPLICA_URL is not set."""
    if settings.DATABASE_REPLICA is None:
        return
    try:
        with lag.measuring() as asked:
            yield _lag(asked.lag_seconds())
        yield _clock()
    except lag.NoStandby as wrong:
        yield warning(
            "replica", f"{wrong} {MEANWHILE}", "Correct DATABASE_REPLICA_URL, or unset it."
        )
    except psycopg.Error as failure:
        # Only the class: messages of drivers name hosts and users.
        said = f"It does not answer, or refuses a question: {type(failure).__name__}. {MEANWHILE}"
        yield warning("replica", said, "Look at DATABASE_REPLICA_URL, at the server and its log.")


def _lag(seconds: float) -> Finding:
    if seconds <= settings.DATABASE_REPLICA_MAX_LAG_SECONDS:
        return ok("replica", f"{seconds:.1f} s behind the primary")
    return warning(
        "replica",
        f"It is {seconds:.0f} s behind the primary. {MEANWHILE}",
        "Look at its load and its network, and on the primary at pg_stat_replication.",
    )


def _clock() -> Finding:
    with psycopg.connect(**lag.parameters(lag.connect()), autocommit=True) as asked:
        before = time.time()
        [(its_time,)] = asked.execute("SELECT extract(epoch FROM clock_timestamp())::float")
        return servers.skew("the replica", its_time, before, time.time())
