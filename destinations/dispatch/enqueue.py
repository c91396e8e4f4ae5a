"""Send claimed rows to their queues.

The database is the truth and Redis carries wake-up calls. A message that is lost, repeated or late
changes nothing: its rows are due again when their lease ends, and a stale claim is ignored.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator

import structlog
from celery import current_app
from django.conf import settings
from redis.exceptions import RedisError

from destinations.dispatch import claims, probes, queues
from destinations.dispatch.claims import Claimed, Sweep
from destinations.dispatch.queues import UPLOAD, to_send
from destinations.dispatch.restoring import restore_detector
from destinations.jobs.wake import Wake
from destinations.runtime import broker, database, failpoints
from destinations.runtime.redis_client import client
from destinations.state import takeover

log = structlog.get_logger()

#: Wakes the dispatcher of a worker (`dispatcher.py`). Not beat's tick: /readyz watches that.
WAKE = Wake("destinations.dispatch")
#: The most claims of one call of `enqueue`; the next tick continues.
CLAIMS_PER_CALL = 20
#: From so many messages on a queue is full: more than CLAIM_AHEAD texts make, and enough files for
#: the workers that take them.
FULL_MESSAGES = 200
#: At these ages a claim that has not begun is sent again: soon, and for two seconds of every eight,
#: because its message may have waited before a process took it. So many of a workspace and queue.
LOST_SECONDS, SOON_SECONDS, EVERY_SECONDS, AGAIN = 1, 4, 8, 5
LOST = f"""
SELECT id, claim, queue, account_id FROM (
    SELECT d.id, d.claim, d.queue, d.account_id,
           row_number() OVER (PARTITION BY d.workspace_id, d.queue ORDER BY d.due_at, d.id) AS nth
    FROM destinations_destination d, LATERAL (
        SELECT %(lease)s - extract(epoch FROM d.due_at - statement_timestamp()) AS seconds
    ) AS aged
    WHERE d.in_flight AND d.due_at > statement_timestamp() AND {takeover.UNBEGUN}
      AND aged.seconds >= {LOST_SECONDS}
      AND (aged.seconds < {SOON_SECONDS} OR mod(aged.seconds, {EVERY_SECONDS}) < 2)
) AS waiting WHERE nth <= {AGAIN}
"""
#: A large claim makes at least so many messages per queue, so that two workers share it.
SHARES = 4


def tick() -> int:
    """Enqueue everything due in the caller's thread, and record the tick for /readyz."""
    sent = 0
    try:
        restore_detector.check()
        sent = enqueue()
    except RedisError as failure:
        log.warning("broker_away", failure=repr(failure))
    restore_detector.record_tick()
    return sent


def enqueue() -> int:
    """Enqueue everything due in the caller's thread and connection; returns how many.

    An unreachable broker leaves the rows due, and the next tick sends them. Raises RedisError if
    Redis cannot say whether the database was restored: nothing is claimed then.
    """
    sweep, sent = Sweep(), 0
    for _ in range(CLAIMS_PER_CALL):
        sent += claim_and_send(sweep)
        if not sweep.has_more:
            break
    return sent


def claim_and_send(sweep: Sweep) -> int:
    """Claim and send, except what may be public after a restore; returns how many were sent.

    Raises RedisError.
    """
    full = _full_queues()
    claimed = claims.claim(settings.CLAIM_LIMIT, sweep, restore_detector.is_current(), full)
    if sweep.is_in_doubt:
        restore_detector.check()
        claimed = claims.claim(settings.CLAIM_LIMIT, sweep, full=full)
    if sweep.awaits_probe and not sweep.is_locked_out:
        probes.refuse_late()
        found, count = probes.claim()
        claimed, sweep.count = [*claimed, *found], max(sweep.count, count)
    if sweep.awaits_takeover and not sweep.is_locked_out:
        # A restored database doubts what is claimed in it, so it is recognised first.
        restore_detector.check(is_tick=False)
        sweep.has_more |= takeover.from_gone() > 0
    if claimed:
        _remember(claimed, sweep.count)
    if claimed and not send(claimed):
        sweep.is_full = sweep.has_more = False
        return 0
    return len(claimed)


def send_lost() -> None:
    """Send claims again whose message seems lost: a process took it and was frozen, or died.

    One that is only slow ignores what comes twice; another may be faster. Raises RedisError.
    """
    lost = database.execute(LOST, {"lease": settings.LEASE_SECONDS})
    rows = [Claimed(*row) for row in lost]
    waiting = _messages({to_send(row.queue) for row in rows}) if rows else {}
    if taken := [row for row in rows if not waiting[to_send(row.queue)]]:
        send(taken)


def _full_queues() -> list[str]:
    """Queues that hold so many messages that no worker seems to take them: their rows wait in the
    database. Otherwise each lease that ends would leave one more message. Raises RedisError.
    """
    counts = _messages(queues.known())
    return [queue for queue, count in counts.items() if count >= FULL_MESSAGES]


def _messages(names: Collection[str]) -> dict[str, int]:
    """Return how many messages wait in each queue. Raises RedisError."""
    asking = client(settings.REDIS_URL).pipeline(transaction=False)
    for queue in names:
        asking.llen(queue)
    return dict(zip(names, asking.execute(), strict=True))


def _remember(claimed: list[Claimed], count: int) -> None:
    """Let Redis know of the claim before anything comes of it. Raises RedisError."""
    try:
        restore_detector.remember_claims(count)
    except RedisError:
        claims.release([row.key for row in claimed])
        raise


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


def messages(claimed: Collection[Claimed]) -> Iterator[tuple[str, list[Claimed]]]:
    """(queue, rows) per message: an account's rows stay together, uploads go alone."""
    by_queue: dict[str, dict[object, list[Claimed]]] = defaultdict(lambda: defaultdict(list))
    for row in claimed:
        by_queue[to_send(row.queue)][row.account_id or row.id].append(row)
    for queue, accounts in by_queue.items():
        size = _message_size(queue, sum(map(len, accounts.values())))
        together: list[Claimed] = []
        for rows in accounts.values():
            if together and len(together) + len(rows) > size:
                yield queue, together
                together = []
            together = [*together, *rows]
        if together:
            yield queue, together


def _message_size(queue: str, count: int) -> int:
    if queue.endswith(UPLOAD):
        return 1
    # Not below a tenth: a list shares its trips and its commits.
    share = max(math.ceil(count / SHARES), settings.MESSAGE_DESTINATIONS // 10)
    return min(settings.MESSAGE_DESTINATIONS, share)
