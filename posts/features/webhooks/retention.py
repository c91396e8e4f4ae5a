"""Deletes events and their log after some days, and what is left of deleted webhooks.

By bounded deletes in the order in which the events were written, as in `request_log`.
"""

import time
import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.db import connection

from destinations.runtime import clock

log = structlog.get_logger()

DAYS = 30
BATCH = 1000
#: A run ends then; the next one goes on.
MOST_SECONDS = 60.0
#: The same for what a customer waits for.
WHILE_WAITING_SECONDS = 1.0

_WITH_DELIVERIES = """
    deliveries AS (
        DELETE FROM posts_webhookdelivery WHERE {}
        RETURNING id
    ), log AS (
        DELETE FROM posts_webhookattempt WHERE delivery_id IN (SELECT id FROM deliveries)
    )
"""
# Only the first rows are looked at, or the last batch would read the whole table for more.
OLDEST = f"""
    WITH oldest AS MATERIALIZED (
        SELECT id FROM (
            SELECT id, created_at FROM posts_webhookevent WHERE id > %(after)s
            ORDER BY id LIMIT %(batch)s
        ) first WHERE created_at < %(before)s
    ), {_WITH_DELIVERIES.format("event_id = ANY (ARRAY(SELECT id FROM oldest))")}
    DELETE FROM posts_webhookevent WHERE id = ANY (ARRAY(SELECT id FROM oldest)) RETURNING id
"""
OF_WEBHOOK = f"""
    WITH {
    _WITH_DELIVERIES.format('''id = ANY (ARRAY(
        SELECT id FROM posts_webhookdelivery WHERE webhook_id = %(webhook)s LIMIT %(batch)s))''')
}
    SELECT count(*) FROM deliveries
"""
#: Webhooks that have deliveries, one look at the index each; those of them that do not exist.
DELETED = """
    WITH RECURSIVE seen AS (
        (SELECT webhook_id FROM posts_webhookdelivery ORDER BY webhook_id LIMIT 1)
        UNION ALL
        SELECT next.webhook_id FROM seen CROSS JOIN LATERAL (
            SELECT d.webhook_id FROM posts_webhookdelivery d
            WHERE d.webhook_id > seen.webhook_id ORDER BY d.webhook_id LIMIT 1
        ) AS next
    )
    SELECT webhook_id FROM seen
    WHERE NOT EXISTS (SELECT 1 FROM posts_webhook w WHERE w.id = seen.webhook_id)
"""


def forget() -> int:
    """Delete what is older than DAYS, or of a deleted webhook; returns how many events."""
    until = time.monotonic() + MOST_SECONDS
    before = clock.now() - timedelta(days=DAYS)
    count, after = 0, 0
    while time.monotonic() < until:
        deleted = [row[0] for row in _rows(OLDEST, after=after, before=before, batch=BATCH)]
        count += len(deleted)
        if len(deleted) < BATCH:
            break
        after = max(deleted)
    for (webhook_id,) in _rows(DELETED):
        forget_deliveries_of(webhook_id, until - time.monotonic())
    if count:
        log.info("webhook_events_forgotten", count=count)
    return count


def forget_deliveries_of(webhook_id: uuid.UUID, seconds: float = WHILE_WAITING_SECONDS) -> None:
    """Delete the log of a deleted webhook and what waited for it, for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ((count,),) = _rows(OF_WEBHOOK, webhook=webhook_id, batch=BATCH)
        if count < BATCH:
            return


def _rows(sql: str, **values: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())
