"""Events are written by the transaction of the change that they tell of.

So there is none of a change that is rolled back, and none is lost if the process, Redis or a worker
dies a moment later. One row per event, and only in a workspace that has a webhook. What that
webhook asks for, and whether it is on, does not matter: `recover` sends it later what it missed.
Deliveries are made of the event afterwards (`delivery.engine.fan_out`), so that a change costs the
same for one webhook as for twenty-five.
"""

import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from destinations.runtime import clock
from posts import registry

#: The API's form of times.
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
#: SQL for whether a workspace has a webhook; `{workspace}` is SQL too. The table is small and its
#: index on the workspace narrow, so this costs next to nothing.
HAS_WEBHOOK = "EXISTS (SELECT 1 FROM posts_webhook w WHERE w.workspace_id = {workspace})"
INSERT = f"""
INSERT INTO posts_webhookevent (workspace_id, event, created_at, data)
SELECT receiver.id, %(event)s, %(at)s, %(data)s
FROM unnest(%(receivers)s::uuid[]) AS receiver(id)
WHERE {HAS_WEBHOOK.format(workspace="receiver.id")}
"""


class EventListener(ABC):
    """Something that works on events; a feature's hook."""

    @abstractmethod
    def wake_after_commit(self) -> None:
        """Wake what works, once the current transaction, which wrote events, is committed."""


def wake_after_commit() -> None:
    for listener in registry.hooks(EventListener):
        listener.wake_after_commit()


def emit(
    workspace_id: uuid.UUID,
    event: str,
    data: Mapping[str, Any],
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write an event in the caller's transaction, if the workspace has a webhook.

    `post_id`, `destination_id` are plain UUIDs in `data`: receivers see them in the form that they
    know. Times are aware. `metadata`: the customer's own, repeated in the event.
    """
    emit_to([workspace_id], event, data, metadata)


def emit_to(
    workspace_ids: Collection[uuid.UUID],
    event: str,
    data: Mapping[str, Any],
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write the same event for each of these workspaces; see `emit`."""
    values = parameters(workspace_ids, event, data, metadata)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        if cursor.rowcount:
            wake_after_commit()


def parameters(
    workspace_ids: Collection[uuid.UUID],
    event: str,
    data: Mapping[str, Any],
    metadata: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return INSERT's parameters for a statement that writes an event too; see `emit`."""
    told = {**data, "metadata": metadata} if metadata else data
    return {
        "receivers": list(workspace_ids),
        "event": event,
        "at": clock.now(),
        "data": json.dumps(told, default=_plain, ensure_ascii=False),
    }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime(TIME_FORMAT)
    return str(value)
