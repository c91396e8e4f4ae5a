"""Metrics for Prometheus, read from the database at each scrape.

So they are the same whichever process answers, survive restarts, and cannot drift from the truth.
Every query is bounded: it walks an index of open rows or of those that may be public, the newest
attempts by primary key, or the accounts; never all destinations.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from config.queue import workers
from destinations.dispatch import heartbeat, lateness
from destinations.runtime import clock
from posts.keys import rate_limits

#: How far back lag and outcomes look, and at how many attempts at most.
WINDOW_MINUTES = 5
WINDOW_ATTEMPTS = 50_000
#: At most so many rows are counted; a gauge that stands at this number means "at least".
COUNTED_ROWS = 200_000

OPEN = """
    SELECT status, platform, count(*) FROM (
        SELECT status, platform FROM destinations_destination
        WHERE due_at IS NOT NULL LIMIT %(rows)s
    ) open GROUP BY status, platform ORDER BY status, platform
"""
# Rows of a held account wait on purpose.
OLDEST_DUE = """
    SELECT coalesce(max(extract(epoch FROM statement_timestamp() - due.due_at)), 0) FROM (
        SELECT due_at, account_id FROM destinations_destination
        WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT %(rows)s
    ) due LEFT JOIN destinations_account a ON a.id = due.account_id
    WHERE a.held_until IS NULL OR a.held_until <= statement_timestamp()
"""
RECENT = """
    SELECT d.platform, r.* FROM (
        SELECT destination_id, wanted_at, started_at, outcome FROM destinations_attempt
        ORDER BY id DESC LIMIT %(attempts)s
    ) r JOIN destinations_destination d ON d.id = r.destination_id
    WHERE r.started_at > now() - %(window)s::interval
"""
LAG = f"""
    SELECT platform, quantile, percentile_cont(quantile) WITHIN GROUP (
        ORDER BY greatest(extract(epoch FROM started_at - wanted_at), 0)
    ) FROM ({RECENT}) recent, (VALUES (0.5::float), (0.99)) AS q(quantile)
    GROUP BY platform, quantile ORDER BY platform, quantile
"""
OUTCOMES = f"""
    SELECT platform, outcome, count(*) FROM ({RECENT}) recent
    WHERE outcome <> '' GROUP BY platform, outcome ORDER BY platform, outcome
"""
MAY_BE_PUBLIC = """
    SELECT count(*) FROM (
        SELECT 1 FROM destinations_destination
        WHERE error_code = 'outcome_unknown' AND status = 'failed' LIMIT %(rows)s
    ) doubtful
"""
ACCOUNTS = """
    SELECT platform, count(*) FROM destinations_account
    WHERE {} GROUP BY platform ORDER BY platform
"""
HELD = ACCOUNTS.format("held_until > now()")
TO_RECONNECT = ACCOUNTS.format("needs_reconnection_since IS NOT NULL")
UNMAPPED = """
    SELECT d.platform, count(*) FROM (
        SELECT destination_id FROM destinations_attempt WHERE unmapped
        ORDER BY started_at DESC LIMIT %(rows)s
    ) r JOIN destinations_destination d ON d.id = r.destination_id
    GROUP BY d.platform ORDER BY d.platform
"""


def scrape(request: HttpRequest) -> HttpResponse:
    """The metrics, to requests with METRICS_TOKEN; 404 while none is set, 401 without it."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("Not found.\n", status=404, content_type="text/plain")
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(FromDatabase())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class FromDatabase(Collector):
    """Every metric, one query each."""

    def collect(self) -> Iterator[Metric]:
        for name, says, labels, read in METRICS:
            kind = CounterMetricFamily if name in COUNTERS else GaugeMetricFamily
            family = kind(f"dovecote_{name}", says, labels=labels)
            with suppress(RedisError):  # absent while Redis does not know it
                for *values, amount in _rows(read) if isinstance(read, str) else read():
                    family.add_metric([str(value) for value in values], float(amount))
            yield family


def _rows(sql: str) -> list[tuple]:
    values: dict[str, int | str] = {
        "rows": COUNTED_ROWS,
        "attempts": WINDOW_ATTEMPTS,
        "window": f"{WINDOW_MINUTES} minutes",
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _late() -> Iterable[tuple]:
    """Every network, because an alert needs a zero, not an absent series."""
    return lateness.oldest().items()


def _unconfirmed() -> Iterator[tuple]:
    """Beside the counts by platform, because an alert needs a zero, not an absent series."""
    yield (sum(row[2] for row in _rows(OPEN) if row[0] == "unconfirmed"),)


def _tick_age() -> Iterator[tuple]:
    if ticked_at := heartbeat.last_tick():
        yield ((clock.known() - ticked_at).total_seconds(),)


def _workers() -> Iterator[tuple]:
    for name, kind in workers.kinds().items():
        yield name, 0 if kind.unserved else kind.alive


def _rate_limits() -> Iterator[tuple]:
    """0 while Redis is away: keys may call as often as they like."""
    yield (int(rate_limits.are_enforced()),)


#: These only grow, but for posts that are deleted.
COUNTERS = ("unmapped_answers",)
#: name, description, labels, query or function: its rows end with the value.
METRICS: tuple[tuple[str, str, tuple[str, ...], str | Callable[[], Iterable[tuple]]], ...] = (
    ("destinations_open", "Destinations whose clock runs", ("status", "platform"), OPEN),
    ("oldest_due_seconds", "Age of the oldest due row that nothing holds", (), OLDEST_DUE),
    ("lag_seconds", "Started minus wanted, last 5 minutes", ("platform", "quantile"), LAG),
    ("attempts_recent", "Attempts ended, last 5 minutes", ("platform", "outcome"), OUTCOMES),
    ("may_be_public", "Failed destinations that may be public", (), MAY_BE_PUBLIC),
    ("accounts_held", "Accounts that are rate limited", ("platform",), HELD),
    ("accounts_to_reconnect", "Accounts without authorization", ("platform",), TO_RECONNECT),
    (
        "late_seconds",
        "Now minus wanted, of the oldest try that has not begun",
        ("platform",),
        _late,
    ),
    (
        "unmapped_answers",
        "Answers of networks that no table of ours knows",
        ("platform",),
        UNMAPPED,
    ),
    ("unconfirmed", "Destinations that may be public", (), _unconfirmed),
    ("tick_age_seconds", "Seconds since beat's last tick", (), _tick_age),
    ("workers_alive", "Workers that are alive, by what they serve", ("kind",), _workers),
    ("rate_limits_enforced", "Whether rate limits are counted and enforced", (), _rate_limits),
)
