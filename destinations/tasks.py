"""Celery's way in: fetch nothing, decide nothing, call."""

import uuid

from celery import shared_task

from destinations import connections, due, publishing, refreshing
from destinations.due import Claimed


@shared_task(name="destinations.enqueue_due")
def enqueue_due() -> None:
    """Beat's tick: send every due destination to its queue."""
    due.tick()


@shared_task(name="destinations.refresh_tokens")
def refresh_tokens() -> None:
    """New tokens for accounts whose tokens end soon; connections that ended are forgotten."""
    refreshing.tick()
    connections.sweep()


@shared_task(name="destinations.publish")
def publish(claims: list[tuple[str, str, str, int | None]]) -> None:
    """Publish claimed destinations of one queue. Stale or repeated claims are ignored."""
    publishing.publish(
        [
            Claimed(uuid.UUID(pk), uuid.UUID(claim), queue, account_id)
            for pk, claim, queue, account_id in claims
        ]
    )
