"""Metrics of deliveries, each read from a few counters or one row of an index; and whether they
reach their receivers.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.template.defaultfilters import pluralize

from destinations.runtime import database
from destinations.times import duration
from posts.features.webhooks.delivery.claims import FAILING, FIRST, LOOKED_AT
from posts.features.webhooks.models import WebhookTotal

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


#: As rows of `Family` (config/observability/metrics).
FAMILIES = (
    (
        "webhook_attempts",
        "Attempts to deliver events to webhooks, by how they ended",
        ("outcome",),
        _attempts,
        True,
    ),
    (
        "webhook_oldest_new_seconds",
        "Age of the oldest event that no worker has taken yet",
        (),
        partial(database.execute, OLDEST_NEW),
    ),
    (
        "webhook_oldest_waiting_seconds",
        "Age of the oldest delivery that is still to be sent, also of one that is retried",
        (),
        partial(database.execute, OLDEST_WAITING),
    ),
    (
        "webhooks_disabled",
        "Webhooks that were switched off because their receivers failed",
        (),
        partial(database.execute, DISABLED),
    ),
)

#: So many webhooks of a kind are counted; what ended as failed, among the newest attempts.
COUNTED_ROWS, NEWEST_ATTEMPTS = 10_001, 5_000
# Each number walks an index and stops, however many events were ever delivered. What is due of a
# webhook whose receiver fails waits for that receiver, and not for a worker.
NOW = """
    WITH RECURSIVE heads AS (
        SELECT %(first)s::uuid AS webhook_id, NULL::timestamptz AS due_at, 0 AS number
        UNION ALL
        SELECT head.webhook_id, head.due_at, heads.number + 1
        FROM heads CROSS JOIN LATERAL (
            SELECT d.webhook_id, d.due_at FROM posts_webhookdelivery d
            WHERE d.due_at IS NOT NULL AND d.webhook_id > heads.webhook_id
            ORDER BY d.webhook_id, d.due_at LIMIT 1
        ) AS head
        WHERE heads.number < %(looked_at)s
    ), failing AS MATERIALIZED (
        SELECT consecutive_failures FROM posts_webhook
        WHERE is_active AND consecutive_failures > 0 LIMIT %(rows)s
    ), off AS MATERIALIZED (
        SELECT auto_disabled_at > statement_timestamp() - interval '1 day' AS is_new
        FROM posts_webhook WHERE auto_disabled_at IS NOT NULL
        ORDER BY auto_disabled_at DESC LIMIT %(rows)s
    )
    SELECT (SELECT count(*) FROM failing),
        (SELECT count(*) FROM failing WHERE consecutive_failures >= %(failing)s),
        (SELECT count(*) FROM off),
        (SELECT count(*) FROM off WHERE is_new),
        coalesce(extract(epoch FROM statement_timestamp() - LEAST(
            (SELECT created_at FROM posts_webhookevent
                WHERE fanned_out_at IS NULL ORDER BY created_at LIMIT 1),
            (SELECT min(heads.due_at) FROM heads JOIN posts_webhook w
                ON w.id = heads.webhook_id AND w.is_active
                AND w.consecutive_failures < %(failing)s))), 0)::float,
        (SELECT count(*) FROM (
            SELECT status, attempted_at FROM posts_webhookattempt ORDER BY id DESC LIMIT %(newest)s
        ) newest
        WHERE status = 'failed' AND attempted_at > statement_timestamp() - interval '1 hour')
"""


class WebhooksNow(NamedTuple):
    #: They are on, and their last attempt failed.
    failing: int
    #: Those of them of which the last FAILING attempts failed.
    keep_failing: int
    #: Because they failed for too long, or answered 410; and how many of them in the last day.
    switched_off: int
    newly_off: int
    #: Of the events that could be sent at once.
    oldest_seconds: float
    #: Deliveries of the last hour that are not tried again.
    failed: int

    @property
    def is_late(self) -> bool:
        return self.oldest_seconds > settings.LATE_LIMIT_SECONDS


def measure(source: Any) -> WebhooksNow:
    values = {
        "first": FIRST,
        "looked_at": LOOKED_AT,
        "failing": FAILING,
        "rows": COUNTED_ROWS,
        "newest": NEWEST_ATTEMPTS,
    }
    [counts] = source.query(NOW, values)
    return WebhooksNow(*counts)._replace(oldest_seconds=max(0.0, counts[4]))


def judge(found: WebhooksNow) -> Iterator[tuple[str, ...]]:
    """Yield what is wrong, as the fields of a `Finding` (config/status/fact.py)."""
    if found.is_late:
        said = (
            f"Events for webhooks wait, oldest {duration(timedelta(seconds=found.oldest_seconds))}."
        )
        remedy = "Workers are busy or frozen, or receivers are slow: look at both."
        yield "warning", "webhooks", said, remedy, "late"
    if count := found.keep_failing:
        said = f"{_webhooks(count)} {'fails' if count == 1 else 'fail'} again and again."
        remedy = "Each event is sent again for a day. Their owners see why in their logs."
        yield "warning", "webhooks", said, remedy, "failing"
    if count := found.newly_off:
        was = "was" if count == 1 else "were"
        said = f"{_webhooks(count)} {was} switched off in the last day."
        remedy = "Tell their owners; then switch each on, and deliver what it missed."
        yield "warning", "webhooks", said, remedy, "off"
    if not (found.is_late or found.keep_failing or found.newly_off):
        yield "ok", "webhooks", "events reach their receivers"


def _webhooks(count: int) -> str:
    return f"{count:,} webhook{pluralize(count)}"


FACTS = (
    {
        "name": "webhooks",
        "measure": measure,
        "judge": judge,
        "actor": "customer",
        "explained_by": ("workers:worker", "beat:", "redis:"),
        "models": ("posts.webhook", "posts.webhookdelivery"),
    },
)
