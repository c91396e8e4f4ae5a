"""Months, weeks, days and hours of a zone, whose days may have 23 or 25 hours."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
#: The days that can be asked for: around them, instants stay within what can be calculated.
FIRST, LAST = date(1990, 1, 1), date(2190, 12, 31)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to and without `end`, both in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Hour:
    span: Span
    #: Its start, as the zone's clocks show it.
    shown: datetime
    #: Whether the day's clocks change, so that a time alone may be said twice.
    says_offset: bool = False

    @property
    def clock_hour(self) -> str:
        return f"{self.shown:%H}"

    @property
    def offset(self) -> str:
        """`+01:00`."""
        return self.shown.isoformat()[-6:]

    @property
    def label(self) -> str:
        return f"{self.shown:%H:%M}" + (f" (UTC{self.offset})" if self.says_offset else "")


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when the day begins: the first of two midnights, or the change that skips it."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def day_span(day: date, zone: ZoneInfo) -> Span:
    return Span(midnight(day, zone), midnight(day + DAY, zone))


def month(day: date) -> list[date]:
    """Return the days of the whole weeks, from Monday, that hold the month of `day`."""
    return list(Calendar().itermonthdates(day.year, day.month))


def week(day: date) -> list[date]:
    """Return the seven days, from Monday, of the week of `day`."""
    monday = day - day.weekday() * DAY
    return [monday + number * DAY for number in range(7)]


def hours(day: date, zone: ZoneInfo) -> list[Hour]:
    """Return the day's hours as its clocks show them: one less or more where they change."""
    span = day_span(day, zone)
    starts = []
    at = span.start
    while at < span.end:
        starts.append(at)
        at += timedelta(minutes=60 - at.astimezone(zone).minute)
    changes = starts[0].astimezone(zone).utcoffset() != starts[-1].astimezone(zone).utcoffset()
    return [
        Hour(Span(start, end), start.astimezone(zone), says_offset=changes)
        for start, end in zip(starts, [*starts[1:], span.end], strict=True)
    ]


def around(day: date, view: str) -> tuple[date, date]:
    """Return the days that the previous and the next month, week or day are asked for by."""
    if view == "month":
        first = day.replace(day=1)
        return (first - DAY).replace(day=1), (first + 31 * DAY).replace(day=1)
    step = 7 * DAY if view == "week" else DAY
    return day - step, day + step
