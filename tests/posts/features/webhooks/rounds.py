"""Deliveries without a worker process: each step as the engine takes it, in the test's thread."""

import asyncio
from datetime import datetime

from destinations.runtime import clock
from posts.features.webhooks.delivery import claims, engine, record
from posts.features.webhooks.delivery.claims import ClaimedDelivery, DeliverySweep
from posts.features.webhooks.delivery.engine import attempt_of
from posts.features.webhooks.delivery.record import Attempt
from posts.features.webhooks.delivery.sending import ReceiverAnswer, Sender
from posts.features.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery


def claim(limit: int = 100) -> list[ClaimedDelivery]:
    """Fan out, and claim what is due."""
    engine.fan_out()
    return claims.claim(limit, DeliverySweep())


def deliver() -> int:
    """Send everything that is due once; how many requests that were."""
    count = 0
    while claimed := claim():
        count += len(claimed)
        record.record(asyncio.run(_send(claimed)), clock.now())
    return count


async def _send(claimed: list[ClaimedDelivery]) -> list[Attempt]:
    sender = Sender()
    return list(await asyncio.gather(*(attempt_of(sender, each) for each in claimed)))


def answered(claimed: ClaimedDelivery, status: int | None, at: datetime | None = None) -> Attempt:
    """An attempt with this answer, without a request."""
    return Attempt(
        claimed, at or clock.now(), {}, ReceiverAnswer(status, 5, "" if status else "no answer")
    )


def make_due() -> None:
    """Let all that waits be due now."""
    WebhookDelivery.objects.filter(due_at__isnull=False, claim=None).update(due_at=clock.now())


def log_of(webhook: Webhook) -> list[WebhookAttempt]:
    return list(WebhookAttempt.objects.filter(delivery__webhook=webhook).order_by("id"))
