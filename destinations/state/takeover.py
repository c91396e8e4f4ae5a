"""Take over the claims of a worker process that is gone, before their leases end.

A process that holds claims says every few seconds that it is alive (`beat`). One that has not said
so for a while is gone: killed, frozen, or cut off. What it had begun, and what no process has
begun, loses its claim and is due at once.

A process that was wrongly taken for gone publishes nothing twice. What it had not announced it
cannot announce: that needs the claim, in the statement that writes it (`publishing.commands`). What
it had announced leaves within a short while or never (`claims.Lease.may_leave`). It is looked up at
once, and until that while is over only a post that is found proves anything (`claims.settled_at`).
A call whose body is files may be under way for longer: its while is the lease that it had.
No judgement need be right: a wrong one costs a start or a lookup. A database that was away ran no
ticks, so no process seems gone then.
"""

from collections.abc import Sequence

import structlog
from django.db import transaction

from destinations.runtime import database
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: How often a process that holds claims says so, and after how long without it is gone.
BEAT_SECONDS = 2
GONE_AFTER_SECONDS = 8
#: So many ticks must have run meanwhile: one a second, fewer on a busy machine.
GONE_AFTER_TICKS = 8

BEAT = """
INSERT INTO destinations_busyworker (name, at, tick)
VALUES (%s, statement_timestamp(),
        COALESCE((SELECT count FROM destinations_heartbeat WHERE id = 1), 0))
ON CONFLICT (name) DO UPDATE SET at = excluded.at, tick = excluded.tick
"""
GONE = f"""
SELECT w.name FROM destinations_busyworker w JOIN destinations_heartbeat h ON h.id = 1
WHERE w.at < statement_timestamp() - interval '{GONE_AFTER_SECONDS} seconds'
  AND w.tick <= h.count - {GONE_AFTER_TICKS}
"""
#: Begun by one of these processes. What waits for a retry has only an attempt that is closed.
BEGUN = """
EXISTS (SELECT FROM destinations_attempt a WHERE a.destination_id = d.id AND a.number = d.attempts
        AND a.worker = ANY(%(names)s) AND a.finished_at IS NULL)
"""
#: Claimed, and begun by no process, or by none since it was taken over.
UNBEGUN = """
d.claim IS NOT NULL
AND (d.status IN ('queued', 'failed') OR d.next_retry_at IS NOT NULL OR d.begun_count = 0
     OR EXISTS (SELECT FROM destinations_attempt a
                WHERE a.destination_id = d.id AND a.number = d.attempts AND a.worker = ''))
"""
RELEASABLE = f"d.claim IS NOT NULL AND (({UNBEGUN}) OR {BEGUN})"
LOCK = f"""
SELECT d.id FROM destinations_destination d
WHERE d.in_flight AND d.due_at > statement_timestamp() AND {RELEASABLE}
ORDER BY d.id FOR NO KEY UPDATE SKIP LOCKED
"""
# A second statement, because it sees what was announced before the rows were locked.
RELEASE = f"""
WITH released AS (
    UPDATE destinations_destination d
    SET claim = NULL, due_at = LEAST(COALESCE(d.lane_at, d.wanted_at), statement_timestamp())
    WHERE d.id = ANY(%(ids)s) AND {RELEASABLE}
    RETURNING d.id, d.attempts,
        d.status = 'publishing' AND d.platform = ANY(%(carriers)s) AND d.draft -> 'media' <> '[]'
            AS carries_files
), noted AS (
    -- The lease as it was: a statement does not see its own changes.
    UPDATE destinations_attempt a SET worker = '', lease_until = CASE
        WHEN released.carries_files AND a.sent_at IS NOT NULL THEN d.due_at ELSE a.lease_until END
    FROM released JOIN destinations_destination d ON d.id = released.id
    WHERE a.destination_id = d.id AND a.number = released.attempts AND a.worker = ANY(%(names)s)
        AND a.finished_at IS NULL
)
SELECT id FROM released
"""
FORGET = "DELETE FROM destinations_busyworker WHERE name = ANY(%(names)s)"
#: A process that was frozen in a transaction keeps rows locked for some seconds.
IS_LEFT = f"""
SELECT EXISTS (SELECT FROM destinations_destination d
               WHERE d.in_flight AND d.due_at > statement_timestamp() AND d.claim IS NOT NULL
                 AND d.next_retry_at IS NULL AND {BEGUN})
"""
AGAIN = f"""
UPDATE destinations_busyworker SET
    at = statement_timestamp() - interval '{GONE_AFTER_SECONDS / 2} seconds',
    tick = (SELECT count FROM destinations_heartbeat WHERE id = 1) - {GONE_AFTER_TICKS} / 2
WHERE name = ANY(%(names)s)
"""


def beat(name: str) -> None:
    """Say that this process is alive and holds claims."""
    database.execute(BEAT, [name])


def end(name: str) -> None:
    """Say that this process holds no claims."""
    database.execute(FORGET, {"names": [name]})


def from_gone() -> int:
    """Take over from all processes that are gone; returns how many destinations."""
    names = [name for (name,) in database.execute(GONE)]
    return take_over(names) if names else 0


@transaction.atomic
def take_over(names: Sequence[str]) -> int:
    """Take over from these processes; returns how many destinations."""
    carriers = [key for key, adapter in ADAPTERS.items() if adapter.call_carries_files]
    of = {"names": list(names)}
    ids = [pk for (pk,) in database.execute(LOCK, of)]
    released = database.execute(RELEASE, {**of, "carriers": carriers, "ids": ids})
    [(is_left,)] = database.execute(IS_LEFT, of)
    # One that is alive after all says so again.
    database.execute(AGAIN if is_left else FORGET, of)
    log.warning("workers_gone", workers=of["names"], destinations=len(released))
    return len(released)
