"""Events are written by the transaction of the change that they tell of.

So there is none of a change that is rolled back, and none is lost if the process, Redis or a worker
dies a moment later. One row per event, and only where an active webhook of the workspace wants it:
deliveries are made of it afterwards (`delivery.fan_out`), so that a change costs the same for one
webhook as for twenty-five.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from destinations.runtime import clock
from posts.webhooks import wake

#: As the API writes times.
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
#: SQL for whether an active webhook of a workspace wants an event; `{workspace}` and `{event}` are
#: SQL too. The table is small and its index on the workspace narrow, so this costs next to nothing.
IS_WANTED = """EXISTS (
    SELECT 1 FROM posts_webhook w
    WHERE w.workspace_id = {workspace} AND w.is_active AND {event} = ANY(w.events))"""
INSERT = f"""
INSERT INTO posts_webhookevent (workspace_id, event, created_at, data)
SELECT %(workspace)s::uuid, %(event)s, %(at)s, %(data)s
WHERE {IS_WANTED.format(workspace="%(workspace)s::uuid", event="%(event)s::text")}
"""


def emit(
    workspace_id: uuid.UUID,
    event: str,
    data: Mapping[str, Any],
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write an event in the caller's transaction, if an active webhook wants it.

    `post_id`, `destination_id` are plain UUIDs in `data`: receivers see them in the form that they
    know. Times are aware. `metadata`: the customer's own, repeated in the event.
    """
    with connection.cursor() as cursor:
        cursor.execute(INSERT, parameters(workspace_id, event, data, metadata))
        if cursor.rowcount:
            wake.after_commit()


def parameters(
    workspace_id: uuid.UUID,
    event: str,
    data: Mapping[str, Any],
    metadata: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What INSERT takes, for a statement that writes an event with its change; see `emit`."""
    told = {**data, "metadata": metadata} if metadata else data
    return {
        "workspace": workspace_id,
        "event": event,
        "at": clock.now(),
        "data": json.dumps(told, default=_plain, ensure_ascii=False),
    }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    return str(value)
