"""The deliveries of a worker process: one thread for the database, the event loop for the network.

Wake-ups (`posts.deliver_webhooks`) come each second, and after a change. A round fans new events
out and claims what is due, as much as this process has free slots.
"""

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from django.conf import settings

from destinations.accounts import encryption
from destinations.dispatch.claims import ClockReading, read_clocks, seconds_since
from destinations.jobs.command_engine import CommandEngine
from destinations.jobs.engine import OnePerProcess
from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime import batch, clock
from destinations.runtime.command_queue import CommandFailed, Execute
from posts.features.webhooks import signing_secret, wake
from posts.features.webhooks.delivery import claims, envelope, fan_out, record, signatures
from posts.features.webhooks.delivery.claims import ClaimedDelivery, DeliverySweep
from posts.features.webhooks.delivery.record import Attempt
from posts.features.webhooks.delivery.sending import ReceiverAnswer, Sender
from posts.features.webhooks.models import Webhook, WebhookDelivery

log = structlog.get_logger()

#: A claim of which less is left is not sent any more.
LATEST_START_SECONDS = claims.LEASE_SECONDS / 2
#: Another process was claiming.
PAUSE_SECONDS = 0.05
UNREADABLE = "The webhook's secret cannot be read. Rotate it."


@dataclass(frozen=True, slots=True)
class Record(batch.Command):
    """Write down what came of an attempt."""

    kind = batch.CommandKind.DELIVERED
    attempt: Attempt

    @classmethod
    def execute_many(cls, commands: Sequence["Record"], by: str) -> Sequence[None]:
        record.record([command.attempt for command in commands], clock.now())
        return [None] * len(commands)


class DeliveryEngine(CommandEngine[ClaimedDelivery]):
    name = "webhooks"
    rows = LeasedRows(WebhookDelivery, seconds=claims.LEASE_SECONDS)

    def __init__(self) -> None:
        self._sender = Sender()
        self._sweep = DeliverySweep()
        self.by = f"webhooks:{socket.gethostname()}:{os.getpid()}"
        super().__init__()

    def begin(self) -> None:
        has_more = fan_out.run()
        free = settings.WEBHOOKS_IN_FLIGHT - self.running
        if free > 0:
            claimed_at = read_clocks()
            claimed = claims.claim(free, self._sweep)
            self.start(claimed, partial(self._deliver, claimed_at))
            has_more |= self._sweep.has_more and len(claimed) < free
            if not claimed and has_more:
                time.sleep(PAUSE_SECONDS)
        if has_more:
            self.wake()

    async def _deliver(
        self, claimed_at: ClockReading, claimed: ClaimedDelivery, execute: Execute
    ) -> None:
        if seconds_since(claimed_at) > LATEST_START_SECONDS:
            return
        attempt = await attempt_of(self._sender, claimed)
        try:
            await execute(Record(attempt))
        except CommandFailed as failure:
            log.error("delivery_not_recorded", delivery=str(claimed.id), failure=str(failure))


async def attempt_of(sender: Sender, claimed: ClaimedDelivery) -> Attempt:
    """Send a delivery once, signed now."""
    at, body = clock.known(), envelope.in_form(claimed.body, claimed.id_form).encode()
    webhook = Webhook(
        secret=claimed.secret,
        previous_secret=claimed.previous_secret,
        previous_secret_until=claimed.previous_secret_until,
    )
    try:
        secrets = signing_secret.valid(webhook)
    except encryption.Unreadable:
        log.error("webhook_secret_unreadable", webhook=str(claimed.webhook_id))
        return Attempt(claimed, at, {}, ReceiverAnswer(None, 0, UNREADABLE))
    headers = signatures.headers(
        body,
        event=claimed.event,
        event_id=claimed.event_id,
        delivery_id=claimed.id,
        secrets=secrets,
        at=at,
    )
    return Attempt(claimed, at, headers, await sender.send(claimed.url, headers, body))


def _make() -> DeliveryEngine:
    engine = DeliveryEngine()
    wake.served_by(engine.wake)
    return engine


_engine = OnePerProcess(_make)
current = _engine.current
stop = _engine.stop
