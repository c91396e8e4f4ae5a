"""Health and metrics for machines, answered before hosts and HTTPS are checked.

A load balancer or Prometheus calls a container by its address, over plain HTTP: a redirect or a
refused host would read as an outage.

`/healthz` says only that the process answers, so that a database outage restarts no process.

`/readyz` says whether posts are being published, check by check, and finds out once a second at
most. It fails (503) without the database, which the API needs. It does not fail without Redis,
beat, a worker or the standby, or for posts that are late; those make it `degraded` with 200: the
API still takes posts and keeps them, and a load balancer that removed it would refuse what would
only be late. A monitor that reads status codes alone asks `/readyz?strict`, which fails for these
too.

`python -m config.observability.health` prints the same and exits with 1 if it fails, for containers
without a port; with `--strict` like `/readyz?strict`.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from config.observability.api_calls import ApiLatency
from config.observability.metrics import Families, attempts, database, work
from config.status.fact import Measurement, Source
from config.status.table import measure
from destinations.models import Pause
from destinations.runtime import availability, clock
from destinations.runtime.replica.lag import NoStandby

#: How long the database may take for each question.
TIMEOUT_SECONDS = 2
#: For so long an answer of /readyz is given again.
FRESH_SECONDS = 1.0
#: Without it the API answers nothing.
REQUIRED = "database"
NO_ANSWER = {"ok": False, "error": "no answer"}


def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process can answer."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """Every check; 503 without the database, with `strict` in the query if any check fails."""
    answer = _recent.answer()
    return JsonResponse(
        answer, status=503 if fails(answer, strict="strict" in request.GET) else 200
    )


class RecentReport:
    """One report for all who ask within a second: it opens a connection and asks much."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Any] = {}
        self._good_until = 0.0

    def answer(self) -> dict[str, Any]:
        # Those who wait here get what the first one finds.
        with self._lock:
            if time.monotonic() >= self._good_until:
                self._known = report()
                self._good_until = time.monotonic() + FRESH_SECONDS
            return self._known

    def forget(self) -> None:
        self._good_until = 0.0


_recent = RecentReport()


def fails(answer: dict[str, Any], *, strict: bool) -> bool:
    return answer["status"] in (("unavailable", "degraded") if strict else ("unavailable",))


def report() -> dict[str, Any]:
    """Every check. Errors are fixed words: messages of drivers name hosts and users."""
    database, lateness, paused, now = _database()
    beat, workers, replica = measure(["beat", "workers", "replica"], Source(now=lambda: now))
    checks = {
        "database": database,
        "redis": NO_ANSWER if beat.failure else {"ok": True},
        "beat": _beat(beat),
        "workers": _workers(workers),
        "lateness": lateness,
        **_replica(replica),
    }
    failed = [name for name, check in checks.items() if not check["ok"]]
    status = "unavailable" if REQUIRED in failed else "degraded" if failed else "ok"
    return {"status": status, "checks": checks, "paused": paused}


def _database() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None, datetime]:
    """Return whether the database answers, how late posts are, what is paused, and its time."""
    began = time.perf_counter()
    try:
        with _connected() as fresh:
            [(now,)] = fresh.execute("SELECT clock_timestamp()")
            availability.database.succeeded(began)
            source = Source(lambda sql, values: fresh.execute(sql, values).fetchall())
            lateness, pauses = measure(["lateness", "pauses"], source)
            return {"ok": True}, _lateness(lateness), _paused(pauses), now
    except psycopg.Error:
        return NO_ANSWER, NO_ANSWER, None, clock.known()


@contextmanager
def _connected() -> Iterator[psycopg.Connection]:
    """A connection of its own: a full or hanging server shows here, and never holds us."""
    parameters = {
        **connection.get_connection_params(),
        "connect_timeout": TIMEOUT_SECONDS,
        "tcp_user_timeout": TIMEOUT_SECONDS * 1000,
    }
    with psycopg.connect(**parameters) as fresh:
        # Not in `options`, which poolers ignore.
        fresh.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_SECONDS}s'")
        yield fresh


def _paused(found: Measurement) -> dict[str, Any] | None:
    """Return what is paused, without names of customers; None if it cannot be read."""
    if found.failure:
        return None
    scopes = [pause.scope for pause in found.value]
    return {
        "installation": Pause.Scope.INSTALLATION in scopes,
        "networks": sorted(
            pause.target for pause in found.value if pause.scope == Pause.Scope.NETWORK
        ),
        "workspaces": scopes.count(Pause.Scope.WORKSPACE),
        "accounts": scopes.count(Pause.Scope.ACCOUNT),
    }


def _lateness(found: Measurement) -> dict[str, Any]:
    """Return how long the oldest post that should have begun has waited, and on which networks."""
    if found.failure:
        return NO_ANSWER
    return {
        "ok": found.is_ok,
        "oldest_seconds": round(max(found.value.values()), 1),
        "by_platform": {name: round(late, 1) for name, late in found.value.items() if late},
    }


def _workers(found: Measurement) -> dict[str, Any]:
    """Return how many workers of each kind are alive, and the queues that none of them serves."""
    if found.failure:
        return NO_ANSWER
    kinds = {
        name: {"ok": not kind.unserved, "alive": kind.alive, "unserved_queues": kind.unserved}
        for name, kind in found.value.kinds.items()
    }
    return {"ok": all(kind["ok"] for kind in kinds.values()), **kinds}


def _replica(found: Measurement) -> dict[str, dict[str, Any]]:
    """Return how far behind the standby is; nothing where there is none."""
    standby = found.value
    if standby is None:
        return {}
    if isinstance(standby.error, NoStandby):
        return {"replica": {"ok": False, "error": "not a standby"}}
    if standby.error:
        return {"replica": NO_ANSWER}
    return {"replica": {"ok": standby.is_near, "lag_seconds": round(standby.lag_seconds, 1)}}


def _beat(found: Measurement) -> dict[str, Any]:
    last = None if found.failure else found.value
    return {
        "ok": found.is_ok,
        "last_tick_at": last.at.isoformat() if last and last.at else None,
        "age_seconds": round(last.age_seconds, 1) if last and last.at else None,
    }


def main(*options: str) -> int:
    """Print the report; 0 if it does not fail."""
    answer = report()
    for name, check in answer["checks"].items():
        sys.stdout.write(f"{name}: {'ok' if check['ok'] else 'NOT OK'}\n")
    return int(fails(answer, strict="--strict" in options))


COLLECTORS = (
    Families(database.open_rows),
    Families(lambda: attempts.COUNTS),
    attempts.Durations(),
    Families(work.all_families),
    ApiLatency(),
    Families(database.growth),
)


def scrape(request: HttpRequest) -> HttpResponse:
    """The metrics, to requests with METRICS_TOKEN; 404 while none is set, 401 without it."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("Not found.\n", status=404, content_type="text/plain")
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    for collector in COLLECTORS:
        registry.register(collector)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": alive,
    "/readyz": ready,
    "/metrics": scrape,
}


class ProbeMiddleware:
    """Answers the paths of PROBES; everything else goes on to the URL map."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, self.get_response)(request)
