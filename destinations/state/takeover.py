"""Take over the claims of a worker process that is gone, before their leases end.

A process that holds claims says every few seconds that it is alive (`beat`). One that has not said
so for a while is gone: killed, frozen, or cut off. What it had not announced to a network, and what
no process has begun, loses its claim and is due at once. What it had announced keeps its lease, and
is looked up.

A process that was wrongly taken for gone can send nothing: its announcement needs the claim, in the
statement that writes it (`publishing.commands`). No judgement and no clock need be right: a wrong
one costs a start. A database that was away ran no ticks, so no process seems gone then.
"""

from collections.abc import Sequence

import structlog
from django.db import transaction

from destinations.runtime import database

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
#: No call that publishes may have left for it.
NOT_ANNOUNCED = """
d.claim IS NOT NULL AND (
    d.status IN ('queued', 'failed')
    OR d.status = 'publishing' AND (d.next_retry_at IS NOT NULL OR EXISTS (
        SELECT FROM destinations_attempt a
        WHERE a.destination_id = d.id AND a.number = d.attempts
          AND a.worker = ANY(%(names)s) AND a.sent_at IS NULL)))
"""
LOCK = f"""
SELECT d.id FROM destinations_destination d
WHERE d.in_flight AND d.due_at > statement_timestamp() AND {NOT_ANNOUNCED}
ORDER BY d.id FOR NO KEY UPDATE SKIP LOCKED
"""
# A second statement, because it sees what was announced before the rows were locked.
RELEASE = f"""
UPDATE destinations_destination d
SET claim = NULL, due_at = LEAST(d.wanted_at, statement_timestamp())
WHERE d.id = ANY(%(ids)s) AND {NOT_ANNOUNCED} RETURNING d.id
"""
FORGET = "DELETE FROM destinations_busyworker WHERE name = ANY(%(names)s)"


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
    of = {"names": list(names)}
    ids = [pk for (pk,) in database.execute(LOCK, of)]
    released = database.execute(RELEASE, {**of, "ids": ids})
    # One that is alive after all says so again.
    database.execute(FORGET, of)
    log.warning("workers_gone", workers=of["names"], destinations=len(released))
    return len(released)
