"""Connections to PostgreSQL: room for those of every process, and the needs of a pooler between."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from redis.exceptions import RedisError

from config import process
from config.queue import heartbeats
from config.status.fact import Finding, ok, warning
from destinations.runtime import database

#: For operators, backups and monitoring.
SPARE = 10
#: What web has beside its threads: what is written beside requests, a look at the standby, /readyz,
#: the thread of the admin's login, and the watch of incidents.
WEB_BESIDE = 5
#: The same of a worker: the dispatcher, webhooks, deletions.
WORKER_BESIDE = 3
ROOM = """
SELECT current_setting('max_connections')::int
    - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true), '0')::int
"""
WEBS = """
SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE application_name LIKE %s
"""
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE %s"
#: What PgBouncer calls the statements that it keeps for its clients, since 1.21.
OF_POOLER = "PGBOUNCER%"


@dataclass(frozen=True, slots=True)
class ProcessCounts:
    """Live processes of each kind. A web that has asked PostgreSQL nothing yet is not seen."""

    web: int
    workers: int
    beats: int

    def connections(self) -> int:
        """The most that they open, all together."""
        return self.web * of_web() + self.workers * of_worker() + self.beats

    def __str__(self) -> str:
        return f"{self.web} web, {self.workers} workers and {self.beats} beat"


def of_web() -> int:
    """The most connections of a web process."""
    return int(settings.WEB_THREADS) + WEB_BESIDE


def of_worker() -> int:
    """The most connections of a worker, an uploader among them."""
    return int(settings.WORKER_THREADS + settings.WORKER_DATABASE_THREADS) + WORKER_BESIDE


def check_connections() -> Iterator[Finding]:
    [(webs,)] = database.execute(WEBS, [f"{process.PREFIX} web %"])
    [(room,)] = database.execute(ROOM)
    found = _alive(webs)
    if has_pooler():
        yield from _pooled(found)
    else:
        yield judge(found, room)


def judge(found: ProcessCounts, room: int) -> Finding:
    """Judge whether `room` connections are enough for them."""
    needed = found.connections() + SPARE
    if needed <= room:
        said = f"{found}: {found.connections()} at most, {room} have room"
        return ok("connections", said)
    return warning(
        "connections",
        f"{found} open {found.connections()} at most, and PostgreSQL has room for {room}.",
        f"Raise max_connections by {needed - room}, lower WEB_THREADS or WORKER_THREADS, or put "
        "PgBouncer between (deploy/SCALING.md).",
    )


def has_pooler() -> bool:
    """Whether DATABASE_URL leads to a pooler: the process that it names is not the server's."""
    [(pid,)] = database.execute("SELECT pg_backend_pid()")
    raw: Any = connection.connection
    return bool(raw.info.backend_pid != pid)


def _pooled(found: ProcessCounts) -> Iterator[Finding]:
    said = f"through a pooler, whose max_client_conn must be {found.connections() + SPARE} or more"
    yield ok("connections", said)
    options = settings.DATABASES["default"].get("OPTIONS", {})
    if options.get("prepare_threshold") is None or _keeps_statements():
        return
    yield warning(
        "connections",
        "The pooler does not keep prepared statements: they fail where each transaction may get "
        "another connection (pool_mode=transaction).",
        "Set max_prepared_statements=200 in PgBouncer 1.21 or newer, or "
        "DATABASE_PREPARED_STATEMENTS=false; with pool_mode=session neither is needed.",
    )


def _keeps_statements() -> bool:
    """Return whether the pooler gives clients' statements names of its own."""
    raw: Any = connection.connection
    # Django's own cursor prepares nothing.
    with raw.transaction(), psycopg.Cursor(raw) as cursor:
        cursor.execute("SELECT 1", prepare=True)
        [(count,)] = cursor.execute(PREPARED, [OF_POOLER])
    return bool(count)


def _alive(webs: int) -> ProcessCounts:
    try:
        known = [worker for worker in heartbeats.known() if worker.is_alive]
    except RedisError:
        known = []
    beats = sum(not worker.queues for worker in known)
    return ProcessCounts(max(webs, 1), len(known) - beats, beats)
