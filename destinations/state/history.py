"""The history of destinations: every move, with the attempt that it concerns."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Max

from destinations import public_ids
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
    destination_id: uuid.UUID
    account_number: int
    account_name: str
    platform: str
    move: str
    from_status: str
    to_status: str
    by: str
    reason: str
    request_id: str
    attempt: AttemptRow | None

    @property
    def public_destination_id(self) -> str:
        return public_ids.encode(public_ids.DESTINATION, self.destination_id)


#: Where the columns of the attempt begin.
ATTEMPT_AT = len(EventRow._fields) - 1
OF_POST = "FROM destinations_destination d JOIN destinations_event e ON e.destination_id = d.id"
EVENTS = f"""
SELECT e.id, e.at, d.id, d.account_number, d.account_name, d.platform, e.move, e.from_status,
       e.to_status, e.by, e.reason, e.request_id,
       {", ".join(f"a.{name}" for name in AttemptRow._fields)}
{OF_POST}
LEFT JOIN destinations_attempt a ON a.destination_id = d.id AND a.number = e.attempt
WHERE d.post_id = %s ORDER BY e.id LIMIT %s OFFSET %s
"""
COUNT = f"SELECT count(*) FROM (SELECT {OF_POST} WHERE d.post_id = %s LIMIT %s) counted"


@dataclass(frozen=True, slots=True)
class Events:
    """The events of all destinations of a post, newest last, to be read by pages."""

    post_id: uuid.UUID

    def page(self, limit: int, offset: int) -> list[EventRow]:
        with connection.cursor() as cursor:
            cursor.execute(EVENTS, (self.post_id, limit, offset))
            return [_event(columns) for columns in cursor.fetchall()]

    def count(self, most: int) -> int:
        """How many there are, counted up to `most`."""
        with connection.cursor() as cursor:
            cursor.execute(COUNT, (self.post_id, most))
            return int(cursor.fetchone()[0])


def _event(columns: Sequence[Any]) -> EventRow:
    own, attempt = columns[:ATTEMPT_AT], columns[ATTEMPT_AT:]
    return EventRow._make([*own, AttemptRow(*attempt) if attempt[0] is not None else None])


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
