"""Send deliveries again, or a test, at a customer's request.

What is sent again has the stored bytes, with a new timestamp and new signatures. A delivery is one
row, however often it is sent, so no second copy is on its way at once.

A test is sent at once, in the caller's thread.
"""

import asyncio
import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from destinations.accounts import encryption
from destinations.runtime import clock, database
from destinations.runtime.request_waits import RequestWaitLimiter
from posts.features.webhooks import hooks
from posts.features.webhooks.delivery import envelope, signatures
from posts.features.webhooks.delivery.sending import ReceiverAnswer, Sender
from posts.features.webhooks.models import Webhook, WebhookDelivery
from posts.keys import bounded_waits

#: Deliveries of one call of `recover`; another call goes on.
MOST = 10_000
#: A delivery that was attempted so often is not sent again, or its log would have no bound.
MOST_ATTEMPTS = 100

#: A round of attempts of its own; `attempts` goes on counting.
AGAIN = """
    status = 'waiting', due_at = %(at)s, tries = 0, next_attempt_at = NULL
"""
REDELIVER = f"""
    UPDATE posts_webhookdelivery SET {AGAIN} WHERE id = %(id)s AND claim IS NULL
"""
# Failed ones, and events that have no delivery because the webhook did not exist or ask for them;
# oldest first.
RECOVER = f"""
    WITH events AS MATERIALIZED (
        SELECT e.id, d.id AS delivery_id
        FROM posts_webhookevent e LEFT JOIN posts_webhookdelivery d
            ON d.webhook_id = %(webhook)s AND d.event_id = e.id
        WHERE e.workspace_id = %(workspace)s AND e.event = ANY (%(events)s::varchar[])
            AND e.created_at >= %(since)s AND e.created_at < %(until)s
            AND e.fanned_out_at IS NOT NULL
            AND (d.id IS NULL OR (d.status = 'failed' AND d.attempts < %(most_attempts)s))
        ORDER BY e.created_at LIMIT %(most)s
    ), again AS (
        UPDATE posts_webhookdelivery d SET {AGAIN}
        WHERE d.id = ANY (ARRAY(SELECT delivery_id FROM events)) AND d.status = 'failed'
        RETURNING 1
    ), made AS (
        INSERT INTO posts_webhookdelivery (webhook_id, event_id, due_at)
        SELECT %(webhook)s, id, %(at)s FROM events WHERE delivery_id IS NULL
        ON CONFLICT (webhook_id, event_id) DO NOTHING
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM again) + (SELECT count(*) FROM made)
"""


@transaction.atomic
def redeliver(delivery: WebhookDelivery) -> bool:
    """Send a delivery now, no matter what became of it. One that is being sent stays as it is.

    Returns False if its webhook is off, or it was attempted MOST_ATTEMPTS times.
    """
    found = WebhookDelivery.objects.filter(pk=delivery.pk, attempts__lt=MOST_ATTEMPTS)
    if not found.filter(webhook__is_active=True).exists():
        return False
    database.execute(REDELIVER, {"id": delivery.pk, "at": clock.now()})
    hooks.WAKE.after_commit()
    return True


@transaction.atomic
def recover(webhook: Webhook, since: datetime, until: datetime | None = None) -> int:
    """Send what it wants of this span and has never got; returns how many deliveries, MOST at most.

    Also events of the time when it was off or did not ask for them, and from before it was made if
    the workspace had another one. `until` is now by default, and does not belong to the span.
    """
    now = clock.now()
    values: dict[str, Any] = {
        "webhook": webhook.pk,
        "workspace": webhook.workspace_id,
        "events": webhook.events,
        "since": since,
        "until": until or now,
        "at": now,
        "most": MOST,
        "most_attempts": MOST_ATTEMPTS,
    }
    [(count,)] = database.execute(RECOVER, values)
    hooks.WAKE.after_commit()
    return int(count)


def find(webhook: Webhook, delivery_id: uuid.UUID) -> WebhookDelivery | None:
    """Return a delivery of this webhook; None if it has none with this id."""
    return WebhookDelivery.objects.filter(webhook=webhook, pk=delivery_id).first()


#: The event, which no change writes.
TEST = "webhook.test"
_room = RequestWaitLimiter()


def send_test(webhook: Webhook) -> ReceiverAnswer:
    """Return what a receiver answers to `webhook.test`. Takes ten seconds at most.

    It is signed and sent as every delivery is, also while the webhook is off, and counts as neither
    success nor failure. Raises RequestRefused while too many wait.
    """
    busy = "Other tests wait for their receivers; try again."
    with bounded_waits.enter(_room, webhook.workspace_id, busy):
        return _sent(webhook)


def _sent(webhook: Webhook) -> ReceiverAnswer:
    try:
        secrets = signatures.valid_secrets(webhook)
    except encryption.Unreadable:
        return ReceiverAnswer(None, 0, "The webhook's secret cannot be read any more: rotate it.")
    event_id, at = uuid.uuid4(), clock.now()
    data = {"webhook_id": str(webhook.pk), "message": "This is a test."}
    body = envelope.build(TEST, event_id, webhook.workspace_id, at, data).encode()
    headers = signatures.headers(
        body,
        event=TEST,
        event_id=event_id,
        delivery_id=uuid.uuid4(),
        secrets=secrets,
        at=at,
    )
    return asyncio.run(Sender().send(webhook.url, headers, body))
