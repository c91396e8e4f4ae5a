"""Moves rows that wait to the queues that DEDICATED_QUEUES gives their workspaces.

Only a changed setting leaves work here: new rows are stored in the right queue. What has not moved
is published all the same (`queues.to_send`), so a worker that dies in between leaves a correct
state. What is in flight keeps its queue until it is not (`fairness.py`).
"""

import time
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.db import connection

from destinations.dispatch import queues
from destinations.dispatch.fairness import IN_LANE
from platforms.registry import QUEUES

log = structlog.get_logger()

#: How many rows one transaction covers.
STEP = 1_000
#: A run goes on for at most so long; the next one continues.
RUN_SECONDS = 20.0

# By whole rows, which only the index `destination_lane` can compare (`fairness.py`). A loose scan:
# a step per shared queue, and one per workspace in any other queue.
MISPLACED = f"""
WITH RECURSIVE used AS (
    SELECT ''::varchar AS queue, '00000000-0000-0000-0000-000000000000'::uuid AS workspace_id
    UNION ALL
    SELECT next.queue, next.workspace_id FROM used CROSS JOIN LATERAL (
        SELECT d.queue, d.workspace_id FROM destinations_destination d
        WHERE {IN_LANE} AND (d.queue, d.workspace_id) > (
            used.queue,
            CASE WHEN used.queue = ANY (%(shared)s) THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff'
                 ELSE used.workspace_id END)
        ORDER BY d.queue, d.workspace_id LIMIT 1
    ) AS next
)
SELECT queue, workspace_id FROM used WHERE queue <> '' AND queue <> ALL (%(shared)s)
UNION ALL
SELECT used.queue, own.workspace_id
FROM used CROSS JOIN unnest(%(own)s::uuid[]) AS own(workspace_id)
WHERE used.queue = ANY (%(shared)s) AND (
    SELECT d.id FROM destinations_destination d
    WHERE {IN_LANE} AND (d.queue, d.workspace_id) >= (used.queue, own.workspace_id)
      AND (d.queue, d.workspace_id) <= (used.queue, own.workspace_id)
    ORDER BY d.queue, d.workspace_id LIMIT 1
) IS NOT NULL
"""
# A row that is locked is being published or changed, and is taken by the next run. A lease that has
# ended is not renewed any more.
MOVE = f"""
UPDATE destinations_destination SET queue = %(to)s, claim = NULL WHERE id = ANY (ARRAY(
    SELECT d.id FROM destinations_destination d
    WHERE {IN_LANE} AND (d.queue, d.workspace_id) >= (%(queue)s, %(workspace)s)
      AND (d.queue, d.workspace_id) <= (%(queue)s, %(workspace)s)
      -- Not `due_at` alone, which would let the planner use every index of what has one.
      AND (d.in_flight AND d.due_at > statement_timestamp()) IS NOT TRUE
    ORDER BY d.queue, d.workspace_id LIMIT %(step)s
    FOR NO KEY UPDATE SKIP LOCKED
))
"""


def reassign() -> int:
    """Move rows for a while; how many were moved."""
    until = time.monotonic() + RUN_SECONDS
    moved = 0
    for queue, workspace_id in _misplaced():
        to = queues.of_workspace(queues.shared(queue), workspace_id)
        while to != queue and time.monotonic() < until:
            count = _move(queue, workspace_id, to)
            moved += count
            if count < STEP:
                break
    if moved:
        log.info("queues_assigned", destinations=moved)
    return moved


def _misplaced() -> list[tuple[str, uuid.UUID]]:
    """(queue, workspace) of rows that may be in another queue than their workspace's."""
    values: dict[str, Any] = {"shared": list(QUEUES), "own": list(settings.DEDICATED_QUEUES)}
    with connection.cursor() as cursor:
        cursor.execute(MISPLACED, values)
        return list(cursor.fetchall())


def _move(queue: str, workspace_id: uuid.UUID, to: str) -> int:
    values: dict[str, Any] = {
        "queue": queue,
        "workspace": workspace_id,
        "to": to,
        "step": STEP,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVE, values)
        return int(cursor.rowcount)
