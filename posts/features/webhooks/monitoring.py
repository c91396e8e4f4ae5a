"""Metrics of deliveries: each reads a few counters, or one row of an index."""

from collections.abc import Iterator
from functools import partial

from destinations.runtime import database
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
