"""Events that customers' webhooks are told of. Who writes them is not known here."""

import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

Emit = Callable[[Collection[uuid.UUID], str, Mapping[str, Any]], None]

_emit: Emit | None = None


def written_by(emit: Emit) -> None:
    """Let this function write events. Called once, when the application starts."""
    global _emit
    _emit = emit


def emit(workspace_id: uuid.UUID, event: str, data: Mapping[str, Any]) -> None:
    """Write an event of a workspace in the caller's transaction."""
    emit_to([workspace_id], event, data)


def emit_to(workspace_ids: Collection[uuid.UUID], event: str, data: Mapping[str, Any]) -> None:
    """Write the same event for each of these workspaces."""
    if _emit:
        _emit(workspace_ids, event, data)
