"""PostgreSQL, its standby, Redis and its Sentinels: versions, room, lag, and clocks that agree."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.db import connection

from config.status.fact import Finding, Source, ok, problem, warning
from destinations.runtime import redis_client
from destinations.runtime.replica import lag

#: In PostgreSQL's form: 15.
OLDEST_POSTGRES = 150_000
OLDEST_REDIS = (6, 2)
#: Half of what makes tokens and signed links fail at some networks.
SKEW_SECONDS = 2.0
TIMEOUT_SECONDS = 5
#: A Redis that was started more recently need not have been saved.
GRACE_SECONDS = 3600
#: What every process may open at once, beside what operators need.
SPARE_CONNECTIONS = 10
#: Of Sentinels: with two no majority is left when one host dies.
FEWEST_SENTINELS = 3


def check_database() -> Iterator[Finding]:
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
            " extract(epoch FROM clock_timestamp())::float,"
            " current_setting('max_connections')::int,"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " current_setting('fsync'), current_setting('full_page_writes')"
        )
        number, version, its_time, most, used, *safe = cursor.fetchone()
    if number < OLDEST_POSTGRES:
        yield problem("database", f"PostgreSQL {version}", "Use PostgreSQL 15 or newer.")
    else:
        yield ok("database", f"PostgreSQL {version}")
    if used + SPARE_CONNECTIONS > most:
        yield warning(
            "database",
            f"{used} of {most} connections are open.",
            "Raise max_connections, or lower WEB_THREADS and WORKER_THREADS (deploy/SCALING.md).",
        )
    yield from crash_safety(*safe)
    yield skew("PostgreSQL", its_time, before, time.time())


def crash_safety(fsync: str, full_page_writes: str) -> Iterator[Finding]:
    """Judge whether what PostgreSQL has committed survives a crash of its host."""
    values = {"fsync": fsync, "full_page_writes": full_page_writes}
    for name, value in values.items():
        if value == "off":
            yield problem(
                "database",
                f"{name} is off: a power failure or a crash of its host can lose or damage what "
                "was committed, and posts would go out twice or never.",
                f"PostgreSQL's administrator: set {name} = on in postgresql.conf and reload.",
            )


def check_redis() -> Iterator[Finding]:
    client = redis_client.connect(
        settings.REDIS_URL, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    )
    with client:
        before = time.time()
        seconds, microseconds = client.time()
        after = time.time()
        about: dict[str, Any] = client.info()
    version = str(about["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        yield problem("redis", f"version {version}", "Use Redis 6.2 or newer, or Valkey.")
    else:
        yield ok("redis", f"version {version}")
    yield eviction(about)
    yield persistence(about)
    yield skew("Redis", seconds + microseconds / 1e6, before, after)


def eviction(about: Mapping[str, Any]) -> Finding:
    """Judge whether Redis drops keys when its memory is full; `about` is its answer to INFO."""
    policy, limit = str(about.get("maxmemory_policy", "")), int(about.get("maxmemory", 0))
    if not limit or policy == "noeviction":
        return ok("redis", "it evicts nothing")
    return problem(
        "redis",
        f"It evicts keys when {limit // 1024**2} MB are used (maxmemory-policy {policy}).",
        "Set maxmemory-policy noeviction: an evicted message makes posts late, and an evicted "
        "count lifts a rate limit.",
    )


def persistence(about: Mapping[str, Any]) -> Finding:
    """Judge whether Redis is saved to disk; `about` is its answer to INFO.

    Its settings are in CONFIG alone, which hosted servers refuse. That it was saved tells as much.
    """
    started_at = time.time() - float(about.get("uptime_in_seconds", 0))
    is_saved = about.get("aof_enabled") or about.get("rdb_last_save_time", 0) > started_at + 60
    if about.get("rdb_last_bgsave_status", "ok") != "ok":
        return warning("redis", "Its last save to disk failed.", "Look at its log and its disk.")
    if is_saved or time.time() - started_at < GRACE_SECONDS:
        return ok("redis", "it is saved to disk, or was started within the last hour")
    return warning(
        "redis",
        "It has not been saved to disk since it was started.",
        'Set save "60 1": the copy helps to notice that PostgreSQL was restored.',
    )


def skew(server: str, its_time: float, before: float, after: float) -> Finding:
    """Judge how far its clock is from ours, less what the question took."""
    skew = max(before - its_time, its_time - after, 0.0)
    if skew <= SKEW_SECONDS:
        return ok("clock", f"agrees with {server}'s")
    return problem(
        "clock",
        f"This machine and {server} differ by {skew:.1f} s.",
        "Run a time service (chrony, systemd-timesyncd) on both machines.",
    )


def check_sentinels() -> Iterator[Finding]:
    """Find nothing where REDIS_URL names one server."""
    found = redis_client.sentinels(settings.REDIS_URL)
    if found is None:
        return
    timeouts = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS}
    asked = dict(zip(found.hosts, found.manager(**timeouts).sentinels, strict=True))
    silent = [f"{name}:{port}" for (name, port), each in asked.items() if not _agrees(each, found)]
    if silent:
        yield warning(
            "redis",
            f"Without an answer, or unable to replace {found.service}: {', '.join(silent)}.",
            "Look at these Sentinels' logs, at their password and at their quorum.",
        )
    elif len(found.hosts) < FEWEST_SENTINELS:
        yield warning(
            "redis",
            f"REDIS_URL names {len(found.hosts)} of its Sentinels.",
            "Name three or more, on hosts of their own.",
        )
    else:
        yield ok("redis", f"{len(found.hosts)} Sentinels agree on {found.service}")


def _agrees(sentinel: redis.Redis, found: redis_client.Sentinels) -> bool:
    """Return whether it answers, and sees enough of the others to replace a primary."""
    try:
        # What it cannot do is an error; redis-py takes the words of what it can for a no.
        sentinel.sentinel_ckquorum(found.service)
    except redis.RedisError:
        return False
    return True


MEANWHILE = "Lists are read from the primary meanwhile."


@dataclass(frozen=True, slots=True)
class Standby:
    """The lag and the clock of the standby, or the error of asking for them."""

    lag_seconds: float = 0.0
    clock: Finding | None = None
    error: lag.NoStandby | psycopg.Error | None = None

    @property
    def is_near(self) -> bool:
        return self.lag_seconds <= settings.DATABASE_REPLICA_MAX_LAG_SECONDS


def measure_replica(source: Source) -> Standby | None:
    """Ask the standby; None where DATABASE_REPLICA_URL is not set."""
    if settings.DATABASE_REPLICA is None:
        return None
    try:
        with lag.measuring() as asked:
            seconds, before = asked.lag_seconds(), time.time()
            clock = skew("the replica", asked.standby_time(), before, time.time())
            return Standby(seconds, clock)
    except (lag.NoStandby, psycopg.Error) as error:
        return Standby(error=error)


def judge_replica(found: Standby | None) -> Iterator[Finding]:
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
        yield replace(found.clock, about="clock")
