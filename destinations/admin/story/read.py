"""Reads the newest part of the histories of a few destinations, two queries for all of them."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from destinations.models import Attempt, Event

#: How much of the network's raw answer is read; the attempt's own page has all of it.
RESPONSE_CHARS = 4000
# A destination's rows are found before they are ordered: with old statistics, walking a whole table
# in the order of its ids seems as cheap. One more than asked for says that there are earlier ones.
EVENTS = """
SELECT e.* FROM unnest(%s::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT * FROM destinations_event WHERE destination_id = wanted.id OFFSET 0
    ) found
    WHERE %s::bigint IS NULL OR id < %s ORDER BY id DESC LIMIT %s
) e ORDER BY e.id
"""
ATTEMPTS = """
SELECT a.id, a.destination_id, a.number, a.wanted_at, a.started_at, a.sent_at, a.answered_at,
    a.finished_at, a.outcome, a.error, a.platform_code, a.http_status, a.platform_request_id,
    left(a.response, %s) AS response, a.unmapped, a.worker
FROM unnest(%s::uuid[], %s::integer[], %s::integer[]) AS wanted(id, first, last)
CROSS JOIN LATERAL (
    SELECT * FROM destinations_attempt
    WHERE destination_id = wanted.id AND number BETWEEN wanted.first AND wanted.last
    ORDER BY number DESC LIMIT %s
) a
"""
MOST_INTEGER = 2**31 - 1


@dataclass(slots=True)
class History:
    """Events, oldest first, and the attempts of the same time, by number.

    `earlier`: the id before which the next page ends; None if these are the first events.
    """

    events: list[Event] = field(default_factory=list)
    attempts: dict[int, Attempt] = field(default_factory=dict)
    earlier: int | None = None


def histories(
    destinations: Collection[uuid.UUID], most: int, before: int | None = None
) -> dict[uuid.UUID, History]:
    """The newest `most` events of each, of those before an event id, with their attempts."""
    found = {pk: History() for pk in destinations}
    for event in Event.objects.raw(EVENTS, [list(destinations), before, before, most + 1]):
        found[event.destination_id].events.append(event)
    for history in found.values():
        if len(history.events) > most:
            del history.events[0]
            history.earlier = history.events[0].pk
    bounds = {pk: _bounds(history, is_newest=before is None) for pk, history in found.items()}
    first, last = [low for low, _ in bounds.values()], [high for _, high in bounds.values()]
    values = [RESPONSE_CHARS, list(bounds), first, last, most]
    for attempt in Attempt.objects.raw(ATTEMPTS, values):
        found[attempt.destination_id].attempts[attempt.number] = attempt
    return found


def _bounds(history: History, *, is_newest: bool) -> tuple[int, int]:
    """The first and last attempt that belong to these events; attempts may lack events."""
    numbers = [event.attempt for event in history.events if event.attempt]
    if history.earlier is None and is_newest:
        return 0, MOST_INTEGER
    if not numbers:
        return 0, 0
    low = min(numbers) if history.earlier else 0
    return low, MOST_INTEGER if is_newest else max(numbers)
