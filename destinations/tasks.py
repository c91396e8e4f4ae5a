"""Celery entry points; no logic here."""

import uuid

from celery import shared_task

from destinations import servers
from destinations.accounts import refresh, sessions
from destinations.deleting import deletion_request, deletion_worker
from destinations.dispatch import dispatcher, enqueue, reassign
from destinations.dispatch.claims import Claimed
from destinations.jobs import isolated
from destinations.publishing import worker
from destinations.statistics import counting


@shared_task(name="destinations.enqueue_due")
def enqueue_due() -> None:
    """Beat's tick: send every due destination to its queue."""
    dispatcher.tick()


@shared_task(name=enqueue.WAKE.task)
def dispatch() -> None:
    """Wake the dispatcher for another process: something has become due."""
    dispatcher.wake()


@shared_task(name="destinations.refresh_tokens")
def refresh_tokens() -> None:
    """Refresh tokens that expire soon, delete connections that have ended."""
    isolated.call_all([refresh.tick_alone, sessions.sweep])


@shared_task(name="destinations.read_servers")
def read_servers() -> None:
    """Ask customers' servers what they take."""
    servers.read_due()


@shared_task(name="destinations.assign_queues")
def assign_queues() -> None:
    """Move what waits to the queues that DEDICATED_QUEUES gives."""
    reassign.reassign()


@shared_task(name="destinations.count_outcomes")
def count_outcomes() -> None:
    """Count new events into the statistics per minute."""
    counting.run()


@shared_task(name=deletion_request.WAKE.task)
def delete_posts() -> None:
    """Beat's tick and a wake-up: delete from the networks what is to go."""
    deletion_worker.wake()


@shared_task(name="destinations.publish")
def publish(claims: list[tuple[str, str, str, int | None]]) -> None:
    """Publish claimed destinations of one queue. Stale or repeated claims are ignored."""
    worker.current().submit(
        [
            Claimed(uuid.UUID(pk), uuid.UUID(claim), queue, account_id)
            for pk, claim, queue, account_id in claims
        ]
    )
