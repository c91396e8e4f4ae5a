"""Send claimed rows to their queues.

The database is the truth and Redis carries wake-up calls. A message that is lost, repeated or late
changes nothing: its rows are due again when their lease ends, and a stale claim is ignored.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import structlog
from celery import current_app
from django.conf import settings
from redis.exceptions import RedisError

from destinations.dispatch import claims, heartbeat
from destinations.dispatch.claims import Claimed
from destinations.runtime import broker, failpoints

log = structlog.get_logger()

#: The most batches that one tick claims; the next tick continues.
BATCHES_PER_TICK = 20


def enqueue(ids: Collection[uuid.UUID] | None = None) -> int:
    """Claim what is due (of `ids`, or of all) and send it to the workers; returns how many.

    Never raises for an unreachable broker: the rows stay due and the next tick sends them.
    """
    sent = 0
    for _ in range(BATCHES_PER_TICK):
        claimed = claims.claim(settings.CLAIM_LIMIT, ids)
        if not claimed:
            break
        if not send(claimed):
            break
        sent += len(claimed)
    return sent


def enqueue_after_commit(ids: Collection[uuid.UUID]) -> None:
    """Enqueue these destinations after the current transaction commits.

    If the broker was unreachable a moment ago, the next tick does it.
    """
    broker.after_commit(lambda: enqueue(ids))


def enqueue_all() -> int:
    """Enqueue everything due, except what may be public already after a restore."""
    try:
        heartbeat.check()
    except RedisError as failure:
        log.warning("broker_away", failure=repr(failure))
        return 0
    return enqueue()


def tick() -> int:
    """Enqueue everything due, and record the tick for /readyz."""
    sent = enqueue_all()
    heartbeat.record_tick()
    return sent


def send(claimed: list[Claimed]) -> bool:
    """Send messages for these claims. False: no broker; the claims were released."""
    try:
        with current_app.producer_or_acquire() as producer, producer.batch():
            for queue, rows in messages(claimed):
                failpoints.reach(failpoints.CLAIMED, rows[0].platform)
                current_app.send_task(
                    "destinations.publish",
                    args=[[[str(row.id), str(row.claim), *row[2:]] for row in rows]],
                    # So that Flower can be searched by public ids.
                    argsrepr=" ".join(row.public_id for row in rows),
                    queue=queue,
                    producer=producer,
                    retry=False,
                )
    except broker.AWAY as failure:
        # First, so that other requests skip the broker from now on.
        broker.missed(failure, destinations=len(claimed))
        # Some messages may have arrived; their claims are stale then, and are ignored.
        claims.release([row.key for row in claimed])
        return False
    broker.reached()
    return True


def messages(claimed: Iterable[Claimed]) -> Iterator[tuple[str, list[Claimed]]]:
    """(queue, rows) per message: an account's rows stay together, uploads go alone."""
    queues: dict[str, dict[object, list[Claimed]]] = defaultdict(lambda: defaultdict(list))
    for row in claimed:
        alone = row.queue.endswith(".upload") or row.account_id is None
        queues[row.queue][row.id if alone else row.account_id].append(row)
    for queue, accounts in queues.items():
        size = 1 if queue.endswith(".upload") else settings.MESSAGE_DESTINATIONS
        together: list[Claimed] = []
        for rows in accounts.values():
            if together and len(together) + len(rows) > size:
                yield queue, together
                together = []
            together = [*together, *rows]
        if together:
            yield queue, together
