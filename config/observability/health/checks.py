"""Liveness and readiness.

`/healthz` says only that the process answers, so that a database outage restarts no process.

`/readyz` says whether posts are being published, check by check. It fails (503) without the
database, which the API needs. It does not fail without Redis, beat, a worker or the standby, or for
posts that are late; those make it `degraded` with 200: the API still takes posts and keeps them,
and a load balancer that removed it would refuse what would only be late. A monitor that reads
status codes alone asks `/readyz?strict`, which fails for these too.

`python -m config.observability.health` prints the same and exits with 1 if it fails, for containers
without a port; with `--strict` like `/readyz?strict`.
"""

import sys
import time
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from config.queue import workers
from destinations.dispatch import heartbeat, lateness
from destinations.models import Pause
from destinations.runtime import clock, outages
from destinations.runtime.replica import lag

#: How long the database may take for each question.
TIMEOUT_SECONDS = 2
#: Without it the API answers nothing.
REQUIRED = "database"
PAUSED = "SELECT scope, target FROM destinations_pause WHERE resumed_at IS NULL"
NO_ANSWER = {"ok": False, "error": "no answer"}


def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process can answer."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """Every check; 503 without the database, with `strict` in the query if any check fails."""
    answer = report()
    return JsonResponse(
        answer, status=503 if fails(answer, strict="strict" in request.GET) else 200
    )


def fails(answer: dict[str, Any], *, strict: bool) -> bool:
    return answer["status"] in (("unavailable", "degraded") if strict else ("unavailable",))


def report() -> dict[str, Any]:
    """Every check. Errors are fixed words: messages of drivers name hosts and users."""
    redis, ticked_at = _tick()
    database, now, late, paused = _database()
    checks = {
        "database": database,
        "redis": redis,
        "beat": _beat(ticked_at, now),
        "workers": _workers(),
        "lateness": late,
        **_replica(),
    }
    failed = [name for name, check in checks.items() if not check["ok"]]
    status = "unavailable" if REQUIRED in failed else "degraded" if failed else "ok"
    return {"status": status, "checks": checks, "paused": paused}


def _database() -> tuple[dict[str, Any], datetime, dict[str, Any], dict[str, Any] | None]:
    """Whether the database answers, its time, how late posts are, and what is paused.

    A connection of its own: a full or hanging server shows here, and never holds us.
    """
    parameters = {
        **connection.get_connection_params(),
        "connect_timeout": TIMEOUT_SECONDS,
        "tcp_user_timeout": TIMEOUT_SECONDS * 1000,
    }
    began = time.perf_counter()
    try:
        with psycopg.connect(**parameters) as fresh:
            # Not in `options`, which poolers ignore.
            fresh.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_SECONDS}s'")
            [(now,)] = fresh.execute("SELECT clock_timestamp()")
            outages.database.succeeded(began)
            return {"ok": True}, now, _lateness(fresh), _paused(fresh)
    except psycopg.Error:
        return NO_ANSWER, clock.known(), NO_ANSWER, None


def _paused(fresh: psycopg.Connection) -> dict[str, Any] | None:
    """What operators have paused, without names of customers; None if it cannot be read."""
    try:
        rows = fresh.execute(PAUSED).fetchall()
    except psycopg.Error:
        return None
    scopes = [scope for scope, _ in rows]
    return {
        "installation": Pause.Scope.INSTALLATION in scopes,
        "networks": sorted(target for scope, target in rows if scope == Pause.Scope.NETWORK),
        "workspaces": scopes.count(Pause.Scope.WORKSPACE),
        "accounts": scopes.count(Pause.Scope.ACCOUNT),
    }


def _lateness(fresh: psycopg.Connection) -> dict[str, Any]:
    """How long the oldest post that should have begun has waited, and the networks of such."""
    try:
        oldest = lateness.oldest(lambda sql, values: fresh.execute(sql, values).fetchall())
    except psycopg.Error:
        return NO_ANSWER
    seconds = max(oldest.values())
    return {
        "ok": seconds <= settings.LATE_LIMIT_SECONDS,
        "oldest_seconds": round(seconds, 1),
        "by_platform": {name: round(late, 1) for name, late in oldest.items() if late},
    }


def _workers() -> dict[str, Any]:
    """How many workers of each kind are alive, and the queues that none of them serves."""
    try:
        kinds = workers.kinds()
    except RedisError:
        return NO_ANSWER
    found = {
        name: {"ok": not kind.unserved, "alive": kind.alive, "unserved_queues": kind.unserved}
        for name, kind in kinds.items()
    }
    return {"ok": all(kind["ok"] for kind in found.values()), **found}


def _replica() -> dict[str, dict[str, Any]]:
    """Whether lists can be read from the standby, where there is one. Without it the primary
    answers them."""
    if settings.DATABASE_REPLICA is None:
        return {}
    try:
        with lag.measuring() as asked:
            seconds = asked.lag_seconds()
    except lag.NoStandby:
        return {"replica": {"ok": False, "error": "not a standby"}}
    except psycopg.Error:
        return {"replica": NO_ANSWER}
    is_near = seconds <= settings.DATABASE_REPLICA_MAX_LAG_SECONDS
    return {"replica": {"ok": is_near, "lag_seconds": round(seconds, 1)}}


def _tick() -> tuple[dict[str, Any], datetime | None]:
    """Whether Redis answers, and when beat last ticked (if that is known)."""
    try:
        return {"ok": True}, heartbeat.last_tick()
    except RedisError:
        return NO_ANSWER, None


def _beat(ticked_at: datetime | None, now: datetime) -> dict[str, Any]:
    if ticked_at is None:
        return {"ok": False, "last_tick_at": None, "age_seconds": None}
    age = (now - ticked_at).total_seconds()
    return {
        "ok": age <= settings.TICK_LIMIT_SECONDS,
        "last_tick_at": ticked_at.isoformat(),
        "age_seconds": round(age, 1),
    }


def main(*options: str) -> int:
    """Print the report; 0 if it does not fail."""
    answer = report()
    for name, check in answer["checks"].items():
        sys.stdout.write(f"{name}: {'ok' if check['ok'] else 'NOT OK'}\n")
    return int(fails(answer, strict="--strict" in options))
