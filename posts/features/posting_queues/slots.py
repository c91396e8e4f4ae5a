"""The instants of a week's slots in a time zone. Plain calculation, no tables.

A slot is a wall time, and becomes the first instant at which the zone's clocks show it or, where
they skip it, have passed it: in a gap the first instant after the gap, in an overlap the first of
the two. So a later wall time is never an earlier instant.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


class Slot(NamedTuple):
    """A time of the week; 0 is Sunday."""

    day_of_week: int
    time: time

    def as_json(self) -> dict[str, Any]:
        return {"day_of_week": self.day_of_week, "time": f"{self.time:%H:%M}"}


def read(stored: Collection[Mapping[str, Any]]) -> list[Slot]:
    """Return the slots of a queue, from its JSON."""
    return [Slot(each["day_of_week"], time.fromisoformat(each["time"])) for each in stored]


def instants(
    slots: Collection[Slot], zone_name: str, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Yield each instant from `start` on, before `end`, in UTC: strictly increasing."""
    zone = ZoneInfo(zone_name)
    times: dict[int, list[time]] = {}
    for slot in sorted(slots):
        times.setdefault(slot.day_of_week, []).append(slot.time)
    last = start - SECOND
    for day in _days(start.astimezone(zone).date() - DAY, end.astimezone(zone).date()):
        for wall in times.get(day.isoweekday() % 7, ()):
            instant = first_instant(datetime.combine(day, wall), zone)
            if start <= instant < end and instant > last:
                last = instant
                yield instant


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which the zone's clocks show this wall time or a later one."""
    before = wall.replace(tzinfo=zone, fold=0)
    instant = before.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    offset = before.utcoffset()
    # In a gap, the two ways to read the time are on either side of the change.
    early, late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    while late - early > SECOND:
        middle = early + timedelta(seconds=(late - early) // SECOND // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            early = middle
        else:
            late = middle
    return late


def _days(first: date, last: date) -> Iterator[date]:
    return (first + DAY * number for number in range((last - first).days + 1))
