"""Liveness and readiness.

`/healthz` says that the process answers; nothing else, so that a database outage restarts nobody.
`/readyz` says that posts are being published: the database and Redis answer and beat ticks.
`python -m config.health` prints the same and exits with 1 if not, for containers without a port.
"""

import sys
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.exceptions import RedisError

from destinations import clock, ticks

#: How long the database may take to say yes.
TIMEOUT_SECONDS = 2


def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process can answer."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> JsonResponse:
    """200 if everything publishing needs is there, 503 and what is missing otherwise."""
    answer = report()
    return JsonResponse(answer, status=200 if answer["status"] == "ok" else 503)


def report() -> dict[str, Any]:
    """Every check. Errors are fixed words: messages of drivers name hosts and users."""
    redis, ticked_at = _tick()
    database, now = _database()
    checks = {"database": database, "redis": redis, "beat": _beat(ticked_at, now)}
    fine = all(check["ok"] for check in checks.values())
    return {"status": "ok" if fine else "unavailable", "checks": checks}


def _database() -> tuple[dict[str, Any], datetime]:
    """Whether the database answers, and its time.

    A connection of its own: a full or hanging server shows here, and never holds us.
    """
    parameters = {
        **connection.get_connection_params(),
        "connect_timeout": TIMEOUT_SECONDS,
        "tcp_user_timeout": TIMEOUT_SECONDS * 1000,
        "options": f"-c statement_timeout={TIMEOUT_SECONDS * 1000}",
    }
    try:
        with psycopg.connect(**parameters) as fresh:
            [(now,)] = fresh.execute("SELECT clock_timestamp()")
    except psycopg.Error:
        return {"ok": False, "error": "no answer"}, clock.known()
    return {"ok": True}, now


def _tick() -> tuple[dict[str, Any], datetime | None]:
    """Whether Redis answers, and when beat last ticked (if that is known)."""
    try:
        return {"ok": True}, ticks.last()
    except RedisError:
        return {"ok": False, "error": "no answer"}, None


def _beat(ticked_at: datetime | None, now: datetime) -> dict[str, Any]:
    if ticked_at is None:
        return {"ok": False, "last_tick_at": None, "age_seconds": None}
    age = (now - ticked_at).total_seconds()
    return {
        "ok": age <= settings.TICK_LIMIT_SECONDS,
        "last_tick_at": ticked_at.isoformat(),
        "age_seconds": round(age, 1),
    }


def main() -> int:
    """Print the report; 0 if everything is there."""
    answer = report()
    for name, check in answer["checks"].items():
        sys.stdout.write(f"{name}: {'ok' if check['ok'] else 'NOT OK'}\n")
    return 0 if answer["status"] == "ok" else 1


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.exit(main())
