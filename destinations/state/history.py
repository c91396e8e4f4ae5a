"""The history of destinations: every move, with the attempt that it concerns."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, QuerySet

from destinations.models import Attempt, Event

#: The most kinds of unmapped answers that are listed.
KINDS = 200


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A move, and its attempt as it is now."""

    event: Event
    attempt: Attempt | None


def events(destinations: Collection[uuid.UUID]) -> QuerySet[Event]:
    """The events of these destinations, newest last."""
    return Event.objects.filter(destination__in=destinations).order_by("id")


def with_attempts(events: Collection[Event]) -> list[HistoryEntry]:
    """Each event with its attempt, without the networks' raw answers: those are for operators."""
    attempts = {
        (attempt.destination_id, attempt.number): attempt
        for attempt in Attempt.objects.filter(
            destination__in={event.destination_id for event in events},
            number__in={event.attempt for event in events if event.attempt},
        ).defer("response")
    }
    return [
        HistoryEntry(event, attempts.get((event.destination_id, event.attempt or 0)))
        for event in events
    ]


def unmapped_answers() -> list[dict[str, Any]]:
    """Answers of networks that no table of ours maps, by kind, the most frequent first.

    Keys: platform, http_status, platform_code, count, last_seen, attempt (the newest one).
    """
    kinds = (
        Attempt.objects.filter(unmapped=True)
        .order_by()
        .values("destination__platform", "http_status", "platform_code")
        .annotate(count=Count("pk"), last_seen=Max("started_at"), newest=Max("pk"))
        .order_by("-count", "-last_seen")[:KINDS]
    )
    found = [{"platform": kind.pop("destination__platform"), **kind} for kind in kinds]
    newest = Attempt.objects.defer("destination").in_bulk([kind["newest"] for kind in found])
    return [{**kind, "attempt": newest[kind["newest"]]} for kind in found]
