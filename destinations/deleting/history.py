"""Events of deletions in the history of destinations; they change no status."""

import uuid

from destinations.models import Destination, Event
from destinations.runtime import clock

#: The words of these events, beside those of moves.
MOVES = ("ask_to_delete", "delete", "fail_to_delete")


def note(row: Destination, move: str, by: str, reason: str = "", request_id: str = "") -> None:
    """Write an event of a destination."""
    write(row.pk, row.status, move, by, reason, request_id)


def write(
    pk: uuid.UUID, status: str, move: str, by: str, reason: str = "", request_id: str = ""
) -> None:
    Event.objects.create(
        destination_id=pk,
        at=clock.now(),
        move=move,
        from_status=status,
        to_status=status,
        by=by,
        reason=reason,
        request_id=request_id,
    )
