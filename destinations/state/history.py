"""The history of destinations: every move, with the attempt that it concerns."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Max

from destinations.models import Attempt

#: The most kinds of unmapped answers that are listed.
KINDS = 200


class AttemptRow(NamedTuple):
    """An attempt without the network's raw answer: that is for operators."""

    number: int
    started_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    finished_at: datetime | None
    outcome: str
    error: str
    http_status: int | None
    platform_code: str
    platform_request_id: str


class EventRow(NamedTuple):
    """A move of a destination, and the attempt that it concerns as that is now."""

    id: int
    at: datetime
    destination: Any
    move: str
    from_status: str
    to_status: str
    by: str
    reason: str
    request_id: str
    attempt: AttemptRow | None


#: How many columns of the event come between its destination and its attempt.
ATTEMPT_AT = len(EventRow._fields) - 4
# The events are found before they are ordered: with old statistics, walking all events in the order
# of their ids seems as cheap.
FOUND = "SELECT * FROM destinations_event WHERE destination_id = ANY(%s) OFFSET 0"
EVENTS = f"""
SELECT e.id, e.at, e.destination_id, e.move, e.from_status, e.to_status, e.by, e.reason,
       e.request_id, {", ".join(f"a.{name}" for name in AttemptRow._fields)}
FROM (SELECT * FROM ({FOUND}) found ORDER BY id LIMIT %s OFFSET %s) e
LEFT JOIN destinations_attempt a ON a.destination_id = e.destination_id AND a.number = e.attempt
ORDER BY e.id
"""
COUNT = """
SELECT count(*) FROM (
    SELECT FROM destinations_event WHERE destination_id = ANY(%s) LIMIT %s
) counted
"""


@dataclass(frozen=True, slots=True)
class Events:
    """The events of these destinations, newest last, to be read by pages.

    `destinations`: what is shown of each, by id.
    """

    destinations: Mapping[uuid.UUID, Any]

    def page(self, limit: int, offset: int) -> list[EventRow]:
        with connection.cursor() as cursor:
            cursor.execute(EVENTS, (list(self.destinations), limit, offset))
            return [self._event(*columns) for columns in cursor.fetchall()]

    def count(self, most: int) -> int:
        """Return how many there are, counted up to `most`."""
        with connection.cursor() as cursor:
            cursor.execute(COUNT, (list(self.destinations), most))
            return int(cursor.fetchone()[0])

    def _event(self, pk: int, at: datetime, destination: uuid.UUID, *columns: Any) -> EventRow:
        own, attempt = columns[:ATTEMPT_AT], columns[ATTEMPT_AT:]
        shown = AttemptRow(*attempt) if attempt[0] is not None else None
        return EventRow._make([pk, at, self.destinations[destination], *own, shown])


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
