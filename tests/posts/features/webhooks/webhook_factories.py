"""Webhooks and events for tests."""

import json
import uuid
from typing import Any

from destinations.runtime import clock
from posts.features.webhooks.delivery import signatures
from posts.features.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent
from posts.models import Workspace
from posts.outbox import names


def make_webhook(workspace: Workspace, *events: str, secret: str = "", **fields: Any) -> Webhook:
    """A webhook for these events, or for all of them."""
    values = {
        "url": f"https://receiver.example/{uuid.uuid4().hex}",
        "secret": signatures.seal_secret(secret or signatures.create_secret()),
        **fields,
    }
    return Webhook.objects.create(
        workspace=workspace, events=list(events or names.every()), **values
    )


def told(workspace: Workspace, event: str = "") -> list[tuple[str, dict[str, Any]]]:
    """The events of a workspace as they were written, oldest first, with their data."""
    rows = WebhookEvent.objects.filter(workspace=workspace).order_by("id")
    return [(row.event, json.loads(row.data)) for row in rows if event in ("", row.event)]


def make_delivery(
    webhook: Webhook, *codes: int, event: str = "post.published", **fields: Any
) -> WebhookDelivery:
    """A delivery that was answered so; the last answer is the newest."""
    told = WebhookEvent.objects.create(
        workspace=webhook.workspace, event=event, data="{}", body=f'{{"event":"{event}"}}'
    )
    status = "success" if codes and codes[-1] < 300 else "waiting"
    values = {"status": status, "attempts": len(codes), **fields}
    made = WebhookDelivery.objects.create(event=told, webhook=webhook, **values)
    for number, code in enumerate(codes, 1):
        WebhookAttempt.objects.create(
            delivery=made,
            attempt_number=number,
            status="success" if code < 300 else "waiting",
            url=webhook.url,
            request_headers={"webhook-id": str(told.event_id)},
            status_code=code or None,
            response_body="" if code == 204 else "no",
            error="" if code < 300 else f"It answered with {code}.",
            duration_ms=12,
            attempted_at=clock.now(),
        )
    return made
