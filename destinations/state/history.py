"""What happened to destinations: every move, and the attempt it was about."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from destinations.models import Attempt, Event


@dataclass(frozen=True, slots=True)
class Entry:
    """A move. The attempt is as it is now, not as it was then."""

    event: Event
    attempt: Attempt | None


def of(destinations: Collection[uuid.UUID], limit: int, offset: int) -> tuple[list[Entry], int]:
    """A page of what happened to these, newest last, and how much there is in all.

    The networks' own words stay behind: they are for operators.
    """
    found = Event.objects.filter(destination__in=destinations).order_by("id")
    events = list(found[offset : offset + limit])
    attempts = {
        (attempt.destination_id, attempt.number): attempt
        for attempt in Attempt.objects.filter(
            destination__in={event.destination_id for event in events},
            number__in={event.attempt for event in events if event.attempt},
        ).defer("response")
    }
    entries = [
        Entry(event, attempts.get((event.destination_id, event.attempt or 0))) for event in events
    ]
    return entries, found.count()
