"""Write how a deletion goes on or ended: its row, its destination's history, and its post."""

import uuid
from collections.abc import Callable, Mapping

import structlog

from destinations import outbox
from destinations.deleting import deletion_request
from destinations.deleting.outcome import DeletionDecision
from destinations.models import Deletion, Destination
from destinations.runtime import clock
from platforms.registry import ADAPTERS

log = structlog.get_logger()
BY = "worker:deleting"
#: The event that customers' webhooks are told of.
EVENT = "post.deleted_on_platform"

RemovePost = Callable[[uuid.UUID], None]
_remove_post: RemovePost | None = None


def posts_removed_by(remove: RemovePost) -> None:
    """Let this function delete a post of which all that was to go is gone. Called once, when the
    application starts."""
    global _remove_post
    _remove_post = remove


Destinations = Mapping[uuid.UUID, Destination]


def lock(post_id: uuid.UUID) -> Destinations:
    """The destinations of a post, by id, locked in the order of moves. Comes before the lock of a
    deletion's row."""
    found = Destination.objects.filter(post=post_id).order_by("pk").select_for_update()
    return {row.pk: row for row in found.only("post", "status", "notes")}


def end(row: Deletion, decision: DeletionDecision, destinations: Destinations) -> None:
    """Write a decision, in the caller's transaction, which holds all locks."""
    row.status, row.due_at, row.claim = decision.status, decision.due_at, None
    row.failures, row.error, row.error_code = decision.failures, decision.error, decision.error_code
    row.ended_at = None if row.due_at else clock.now()
    row.save()
    log.info("deletion", **_facts(row), status=row.status, error=row.error, by=row.asked_by)
    if row.due_at:
        return
    if destination := destinations.get(row.destination_id):
        _write_history(row, destination)
    outbox.emit(row.workspace_id, EVENT, _event(row))
    if row.is_gone and row.removes_post and _remove_post:
        _remove_post(row.post_id)


def _write_history(row: Deletion, destination: Destination) -> None:
    name = ADAPTERS[row.platform].name
    if not row.is_gone:
        deletion_request.note_event(destination, "fail_to_delete", BY, row.error, row.request_id)
        return
    deletion_request.note_event(
        destination, "delete", BY, f"{name}: {row.get_status_display()}", row.request_id
    )
    note = f"Deleted from {name} on {row.ended_at:%Y-%m-%d %H:%M} UTC."
    # The parts of a failed thread are gone: a retry begins it anew.
    Destination.objects.filter(pk=destination.pk).update(
        notes=[*destination.notes, note], checkpoint=""
    )


def _facts(row: Deletion) -> dict[str, object]:
    return {
        "post": row.post_public_id,
        "destination": row.destination_public_id,
        "platform": row.platform,
        "account": row.account_number,
        "request_id": row.request_id,
    }


def _event(row: Deletion) -> dict[str, object]:
    return {
        "post_id": row.post_id,
        "destination_id": row.destination_id,
        "platform": row.platform,
        "account_id": row.account_number,
        "account_name": row.account_name,
        "status": row.status,
        "error": row.error or None,
        "platform_post_id": row.platform_post_id or None,
        "platform_post_url": row.platform_post_url or None,
    }
