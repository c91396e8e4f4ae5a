"""Deletes events and their log after some days, and what is left of deleted webhooks."""

import json
import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

import structlog
from django.db import transaction

from destinations.jobs import forget as forgetting
from destinations.runtime import clock, database
from posts.features.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEvent

log = structlog.get_logger()

DAYS = 30
LOG = forgetting.AgingRows("webhook events", "posts_webhookevent", "created_at", lambda: DAYS)
#: Events and deliveries of one transaction; an event has up to 25 deliveries.
BATCH = 500
#: How long a customer waits for the deliveries of a webhook to go.
WHILE_WAITING_SECONDS = 1.0

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
#: Events that name an account by its number, wherever it stands in them.
TELLING_OF = """
    SELECT id FROM posts_webhookevent WHERE workspace_id = %(workspace)s AND (
        jsonb_path_exists(data::jsonb, '$.**.account_id ? (@ == $number)', %(named)s::jsonb)
        OR jsonb_path_exists(data::jsonb, '$.**.account_ids[*] ? (@ == $number)', %(named)s::jsonb)
    ) LIMIT %(most)s
"""


def forget() -> int:
    """Delete what is older than DAYS, or of a deleted webhook; returns how many events."""
    until = time.monotonic() + forgetting.RUN_SECONDS
    before = clock.now() - timedelta(days=DAYS)
    events = WebhookEvent.objects.order_by("id")
    count = forgetting.forget(events, "created_at", before, delete=_delete_events, batch=BATCH)
    deleted = database.execute(DELETED)
    for (webhook_id,) in deleted:
        forget_deliveries_of(webhook_id, until - time.monotonic())
    if count:
        log.info("webhook_events_forgotten", count=count)
    return count


def forget_deliveries_of(webhook_id: uuid.UUID, seconds: float = WHILE_WAITING_SECONDS) -> None:
    """Delete the log of a deleted webhook and what waited for it, for so long."""
    mine = WebhookDelivery.objects.filter(webhook=webhook_id).values_list("pk", flat=True)

    def step() -> int:
        return _delete_deliveries(mine[:BATCH])

    forgetting.in_steps(step, BATCH, seconds)


def forget_events_of(workspace_id: uuid.UUID, account: int) -> int:
    """Delete a batch of events that tell of an account, with their log; return how many."""
    named = json.dumps({"number": account})
    values = {"workspace": workspace_id, "named": named, "most": BATCH}
    keys = [key for (key,) in database.execute(TELLING_OF, values)]
    _delete_events(keys)
    return len(keys)


@transaction.atomic
def _delete_events(keys: Sequence[int]) -> None:
    _delete_deliveries(WebhookDelivery.objects.filter(event__in=keys).values_list("pk", flat=True))
    WebhookEvent.objects.filter(pk__in=keys).delete()


@transaction.atomic
def _delete_deliveries(keys: Iterable[uuid.UUID]) -> int:
    """Delete these with their log; return how many."""
    # Not by joins, which the planner may make of whole tables.
    found = list(keys)
    WebhookAttempt.objects.filter(delivery__in=found).delete()
    return WebhookDelivery.objects.filter(pk__in=found).delete()[0]
