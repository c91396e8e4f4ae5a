"""Makes the deliveries of new events: one per webhook that wants them, exactly once.

That of a webhook that is off fails at once: its log shows it, and `recover` sends it.

A step of its own, and not part of the statement that writes an event: publishing then writes one
row for an event, however many webhooks want it, and the envelope can be built in Python.

Whether an event was fanned out is a column of its row and not a position in the ids: ids are given
before transactions commit, so a lower one may appear after a higher one. The rows are locked, and
what another worker has locked is passed over, so two workers do not make one event's deliveries.
"""

import json

from django.db import transaction

from destinations.runtime import clock, prepared
from posts.features.webhooks.delivery import envelope

#: Events of one transaction.
BATCH = 500

NEW = """
    SELECT id, event, event_id, workspace_id, created_at, data FROM posts_webhookevent
    WHERE fanned_out_at IS NULL ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
# The data is in the body from now on.
FAN_OUT = """
    WITH fanned AS (
        UPDATE posts_webhookevent e SET body = v.body, data = '', fanned_out_at = %(at)s
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
def run() -> bool:
    """Make the deliveries of the oldest new events. Returns whether there may be more."""
    rows = prepared.execute(NEW, {"limit": BATCH})
    if rows:
        bodies = [
            envelope.build(event, event_id, workspace_id, at, json.loads(data))
            for _, event, event_id, workspace_id, at, data in rows
        ]
        values = {"ids": [row[0] for row in rows], "bodies": bodies, "at": clock.now()}
        prepared.execute(FAN_OUT, values)
    return len(rows) == BATCH
