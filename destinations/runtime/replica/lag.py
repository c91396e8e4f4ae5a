"""Measure how far the standby is behind the primary, and remember who wrote when.

Lag is measured by positions in the log, not by `pg_last_xact_replay_timestamp()`, which grows old
while nothing is written. The primary is asked where its log ends, then the standby how far it has
replayed: once it is there, it has everything that was committed before the first question.

Redis keeps, by its own clock, when a workspace or an operator last wrote.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from destinations.runtime.redis_client import client

#: How long either server may take for a connection or an answer.
TIMEOUT_SECONDS = 2
#: How long a standby that is nearly there is waited for, and between two looks.
WAIT_SECONDS, LOOK_SECONDS = 0.5, 0.01
#: Log is written in pages, each with a header. At the end of a page the primary names the place
#: behind the next header, which the standby reaches only with the next record.
PAGE_BYTES, HEADER_BYTES = 8192, 40
END = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"
REPLAYED = """
    SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint
"""
CLUSTER = "SELECT system_identifier FROM pg_control_system()"
AGE = "SELECT extract(epoch FROM clock_timestamp() - %s::timestamptz)::float"
#: Samples that the standby has not reached yet; one a second is taken.
MOST_SAMPLES = 600


class NoStandby(Exception):
    """The server of DATABASE_REPLICA_URL is no standby of the primary; says what it is."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The standby has everything that was committed before `covered_at`, a time of Redis' clock."""

    covered_at: float
    #: That moment by this process's steady clock.
    seen_at: float

    def lag_seconds(self) -> float:
        return time.monotonic() - self.seen_at


@dataclass(frozen=True, slots=True)
class _Sample:
    coverage: Coverage
    end: int


class Measuring:
    """Connections to both servers, and what they have said. For one thread."""

    def __init__(self, primary: psycopg.Connection[Any], standby: psycopg.Connection[Any]) -> None:
        self._primary, self._standby = primary, standby
        self._waiting: deque[_Sample] = deque(maxlen=MOST_SAMPLES)
        self._reached: Coverage | None = None

    def measure(self) -> Coverage | None:
        """Return the newest coverage that is certain; None: none yet.

        Raises NoStandby, psycopg.Error and RedisError.
        """
        # The times first: what is committed after them may be missing.
        coverage = Coverage(now(), time.monotonic())
        self._waiting.append(_Sample(coverage, self._end()))
        self._wait()
        return self._reached

    def lag_seconds(self) -> float:
        """Return how old the standby's newest commit is, 0 if it has all. Raises as `measure`."""
        self._waiting.append(_Sample(Coverage(0, 0), self._end()))
        if not self._wait():
            return 0.0
        # Good for this alone: there is something that it has not replayed.
        [(replayed_at,)] = self._standby.execute("SELECT pg_last_xact_replay_timestamp()")
        [(lag,)] = self._primary.execute(AGE, [replayed_at])
        return max(0.0, lag or 0.0)

    def standby_time(self) -> float:
        """Return the standby's clock, as a Unix time. Raises psycopg.Error."""
        [(found,)] = self._standby.execute("SELECT extract(epoch FROM clock_timestamp())::float")
        return float(found)

    def _end(self) -> int:
        [(end,)] = self._primary.execute(END)
        into_page = end % PAGE_BYTES
        return int(end - into_page if into_page <= HEADER_BYTES else end)

    def _wait(self) -> bool:
        """Return whether it must still replay something, after a short while."""
        give_up_at = time.monotonic() + WAIT_SECONDS
        while self._look() and time.monotonic() < give_up_at:
            time.sleep(LOOK_SECONDS)
        return bool(self._waiting)

    def _look(self) -> bool:
        [(is_standby, replayed)] = self._standby.execute(REPLAYED)
        if not is_standby or replayed is None:
            raise NoStandby("It follows no primary: it was promoted, or is the primary itself.")
        while self._waiting and self._waiting[0].end <= replayed:
            self._reached = self._waiting.popleft().coverage
        return bool(self._waiting)


@contextmanager
def measuring() -> Iterator[Measuring]:
    """Connected to both servers. Raises NoStandby and psycopg.Error."""
    with (
        psycopg.connect(**parameters(connections[DEFAULT_DB_ALIAS]), autocommit=True) as primary,
        psycopg.connect(**parameters(connect()), autocommit=True) as standby,
    ):
        if primary.execute(CLUSTER).fetchone() != standby.execute(CLUSTER).fetchone():
            raise NoStandby("It is a copy of another PostgreSQL than DATABASE_URL's.")
        yield Measuring(primary, standby)


def connect() -> BaseDatabaseWrapper:
    """Return a new connection to the standby for this thread, unopened.

    It has the primary's alias, whose place it takes for a while (`reading.read`), and is none of
    Django's `connections` otherwise.
    """
    own = {DEFAULT_DB_ALIAS: settings.DATABASE_REPLICA}
    return ConnectionHandler(own)[DEFAULT_DB_ALIAS]


def parameters(connection: BaseDatabaseWrapper) -> dict[str, Any]:
    """Return how to connect to the same server, with little patience."""
    return {
        **connection.get_connection_params(),
        "connect_timeout": TIMEOUT_SECONDS,
        "tcp_user_timeout": TIMEOUT_SECONDS * 1000,
        "options": f"-c statement_timeout={TIMEOUT_SECONDS * 1000}",
    }


KEY = "dovecote:wrote:"
#: A standby that is not this much ahead of the longest lag is not read anyway.
SPARE_SECONDS = 60
NOW = "local now = redis.call('TIME'); now = now[1] .. '.' .. string.format('%06d', now[2]) "
NOTE = NOW + "redis.call('SET', KEYS[1], now, 'EX', ARGV[1])"


def note_write(author: str) -> None:
    """Remember that `author` has written just now. Call it after the commit.

    While Redis is away nothing is remembered, and no list is read from a standby.
    """
    if settings.DATABASE_REPLICA is None:
        return
    seconds = settings.DATABASE_REPLICA_MAX_LAG_SECONDS + SPARE_SECONDS
    try:
        client(settings.REDIS_URL).eval(NOTE, 1, KEY + author, seconds)
    except redis.RedisError:
        return


def forget(author: str) -> None:
    """Delete what is remembered of `author`. Raises RedisError."""
    client(settings.REDIS_URL).delete(KEY + author)


def last(author: str) -> float | None:
    """Return when `author` last wrote; None: long ago. Raises RedisError."""
    found = client(settings.REDIS_URL).get(KEY + author)
    return None if found is None else float(found)


def now() -> float:
    """Return the time of the same clock. Raises RedisError."""
    return float(client(settings.REDIS_URL).eval(NOW + "return now", 0))
