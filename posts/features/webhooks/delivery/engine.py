"""Send the deliveries of a worker process: one thread for the database, the event loop for the
network.

Wake-ups (`posts.deliver_webhooks`) come each second while anything waits, and after a change. A
round fans new events out and claims what is due, as much as this process has free slots.

`fan_out` makes the deliveries of new events: one per webhook that wants them, exactly once. That of
a webhook that is off fails at once: its log shows it, and `recover` sends it.

It is a step of its own, and not part of the statement that writes an event: publishing then writes
one row for an event, however many webhooks want it, and the envelope can be built in Python.

Whether an event was fanned out is a column of its row and not a position in the ids: ids are given
before transactions commit, so a lower one may appear after a higher one. The rows are locked, and
what another worker has locked is passed over, so two workers do not make one event's deliveries.
"""

import json
import os
import socket
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.conf import settings
from django.db import transaction

from destinations.accounts import encryption
from destinations.dispatch.claims import ClockReading, read_clocks, seconds_since
from destinations.jobs.command_engine import CommandEngine
from destinations.jobs.engine import OnePerProcess
from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime import clock, database
from destinations.runtime.worker import batch
from destinations.runtime.worker.command_queue import CommandFailed, Execute
from posts.features.webhooks import hooks
from posts.features.webhooks.delivery import claims, envelope, record, signatures
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
UNBUILT = "This event could not be written. Read what it is about from the API."
CRASHED = "It could not be sent. This installation's operators find the reason in their log."


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
        has_more = fan_out()
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
        try:
            attempt = await attempt_of(self._sender, claimed)
        except Exception:  # a bug of ours: without a record it would be sent after each lease
            log.exception("delivery_crashed", delivery=str(claimed.id))
            attempt = Attempt(claimed, clock.known(), {}, ReceiverAnswer(None, 0, CRASHED))
        try:
            await execute(Record(attempt))
        except CommandFailed as failure:
            log.error("delivery_not_recorded", delivery=str(claimed.id), failure=str(failure))


async def attempt_of(sender: Sender, claimed: ClaimedDelivery) -> Attempt:
    """Send a delivery once, signed now."""
    at = clock.known()
    if not claimed.body:
        return Attempt(claimed, at, {}, ReceiverAnswer(None, 0, UNBUILT, is_unsendable=True))
    body = envelope.in_form(claimed.body, claimed.id_form).encode()
    webhook = Webhook(
        secret=claimed.secret,
        previous_secret=claimed.previous_secret,
        previous_secret_until=claimed.previous_secret_until,
    )
    try:
        secrets = signatures.valid_secrets(webhook)
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
    hooks.WAKE.served_by(engine.wake)
    return engine


_engine = OnePerProcess(_make)
current = _engine.current
stop = _engine.stop


def wake() -> None:
    """Wake the deliveries of this worker. Lost and repeated messages do no harm."""
    current().wake()


#: Events of one transaction.
BATCH = 500

NEW = """
    SELECT id, event, event_id, workspace_id, created_at, data FROM posts_webhookevent
    WHERE fanned_out_at IS NULL ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
# The data is in the body from now on, unless it could not be built.
FAN_OUT = """
    WITH fanned AS (
        UPDATE posts_webhookevent e SET body = v.body, fanned_out_at = %(at)s,
            data = CASE WHEN v.body = '' THEN e.data ELSE '' END
        FROM unnest(%(ids)s::bigint[], %(bodies)s::text[]) AS v(id, body)
        WHERE e.id = v.id
        RETURNING e.id, e.workspace_id, e.event
    )
    INSERT INTO posts_webhookdelivery (webhook_id, event_id, status, due_at)
    SELECT w.id, fanned.id, CASE WHEN w.is_active THEN 'waiting' ELSE 'failed' END,
        CASE WHEN w.is_active THEN %(at)s::timestamptz END
    FROM fanned JOIN posts_webhook w
        ON w.workspace_id = fanned.workspace_id AND fanned.event = ANY(w.events)
    ON CONFLICT (webhook_id, event_id) DO NOTHING
"""


@transaction.atomic
def fan_out() -> bool:
    """Make the deliveries of the oldest new events. Returns whether there may be more.

    One that cannot be built has an empty body, and each of its deliveries fails.
    """
    rows = database.execute_prepared(NEW, {"limit": BATCH})
    if rows:
        bodies = [_body(*row[1:]) for row in rows]
        values = {"ids": [row[0] for row in rows], "bodies": bodies, "at": clock.now()}
        database.execute_prepared(FAN_OUT, values)
    return len(rows) == BATCH


def _body(event: str, event_id: uuid.UUID, workspace_id: uuid.UUID, at: datetime, data: str) -> str:
    try:
        body = envelope.build(event, event_id, workspace_id, at, json.loads(data))
        body.encode()
    except Exception:  # one that is wrong must not hold up those of all customers
        log.exception("event_not_built", webhook_event=event, event_id=str(event_id))
        return ""
    return body
