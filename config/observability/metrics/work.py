"""Workers, and the work that waits for them beside posts: messages, files, events of webhooks.

Each family reads a few counters, one row of an index, or what Redis knows.
"""

from collections.abc import Iterable, Iterator
from functools import partial

from django.db import connection
from django.db.models import Count, Min

from config.observability.metrics import Family
from config.status.table import value
from destinations.runtime import clock
from posts.features.webhooks.models import WebhookTotal
from posts.keys import rate_limits
from posts.models import Fetch, Variant


def _tick_age() -> Iterator[tuple]:
    if (seconds := value("beat").age_seconds) is not None:
        yield (seconds,)


def _workers() -> Iterator[tuple]:
    for name, kind in value("workers").kinds.items():
        yield name, 0 if kind.unserved else kind.alive


def _depths() -> Iterator[tuple]:
    yield from value("queues").items()


def _rate_limits() -> Iterator[tuple]:
    """0 while Redis is away: keys may call as often as they like."""
    yield (int(rate_limits.are_enforced()),)


Backlogs = dict[str, tuple[int, float]]


def _read() -> Backlogs:
    """Return, by kind of work, how many wait or are at work, and the age of the oldest in seconds.

    Their rows are few: a fetch's is deleted when it ends, and unmade variants have an index.
    """
    unmade = Variant.objects.filter(status__in=[Variant.Status.WAITING, Variant.Status.MAKING])
    now, found = clock.now(), {}
    for kind, rows in (("variant", unmade), ("fetch", Fetch.objects.all())):
        waiting = rows.order_by().aggregate(count=Count("pk"), oldest=Min("created_at"))
        age = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0
        found[kind] = waiting["count"], max(0, age)
    return found


def _counts() -> Iterator[tuple]:
    for kind, (count, _) in _read().items():
        yield kind, count


def _ages() -> Iterator[tuple]:
    for kind, (_, seconds) in _read().items():
        yield kind, seconds


#: Every outcome has a series, so that the first one counts as an increase.
OUTCOMES = ("success", "retried", "failed")
_OLDEST = """
    SELECT COALESCE(extract(epoch FROM statement_timestamp() - (
        SELECT created_at FROM {} ORDER BY created_at LIMIT 1)), 0)
"""
OLDEST_NEW = _OLDEST.format("posts_webhookevent WHERE fanned_out_at IS NULL")
OLDEST_WAITING = _OLDEST.format("posts_webhookdelivery WHERE due_at IS NOT NULL")
DISABLED = """
    SELECT count(*) FROM posts_webhook WHERE auto_disabled_at IS NOT NULL AND NOT is_active
"""


def _attempts() -> Iterator[tuple]:
    found = dict(WebhookTotal.objects.values_list("outcome", "count"))
    for outcome in OUTCOMES:
        yield outcome, found.get(outcome, 0)


def _rows(sql: str) -> Iterable[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


FAMILIES = (
    Family("tick_age_seconds", "Seconds since beat's last tick", (), _tick_age),
    Family("workers_alive", "Workers that are alive, by what they serve", ("kind",), _workers),
    Family("queue_depth", "Messages that no worker has taken", ("queue",), _depths),
    Family(
        "rate_limits_enforced", "Whether rate limits are counted and enforced", (), _rate_limits
    ),
    Family("media_waiting", "Files to fetch or to convert", ("kind",), _counts),
    Family("media_oldest_seconds", "Age of the oldest of them", ("kind",), _ages),
    Family(
        "webhook_attempts",
        "Attempts to deliver events to webhooks, by how they ended",
        ("outcome",),
        _attempts,
        is_counter=True,
    ),
    Family(
        "webhook_oldest_new_seconds",
        "Age of the oldest event that no worker has taken yet",
        (),
        partial(_rows, OLDEST_NEW),
    ),
    Family(
        "webhook_oldest_waiting_seconds",
        "Age of the oldest delivery that is still to be sent, also of one that is retried",
        (),
        partial(_rows, OLDEST_WAITING),
    ),
    Family(
        "webhooks_disabled",
        "Webhooks that were switched off because their receivers failed",
        (),
        partial(_rows, DISABLED),
    ),
)
