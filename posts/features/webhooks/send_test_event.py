"""Sends a test to a webhook, at once and in the caller's thread."""

import asyncio
import uuid

from destinations.accounts import encryption
from destinations.runtime import clock
from destinations.runtime.waiting_room import WaitingRoom
from posts.features.webhooks import signing_secret
from posts.features.webhooks.delivery import envelope, signatures
from posts.features.webhooks.delivery.sending import ReceiverAnswer, Sender
from posts.features.webhooks.models import Webhook
from posts.keys import bounded_waits

#: The event, which no change writes.
TEST = "webhook.test"
_room = WaitingRoom()


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
        secrets = signing_secret.valid(webhook)
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
