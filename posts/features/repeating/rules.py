"""Calculate the occurrences of a rule. No tables.

Dates follow RFC 5545, by dateutil. All occurrences have the wall time of the first one: a time that
the clocks skip is read with the offset from before the gap, and of two equal ones the first counts,
as RFC 5545 (3.3.5) says. A rule of the 29th to 31st takes the last day of shorter months.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil import rrule

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = {"daily": rrule.DAILY, "weekly": rrule.WEEKLY, "monthly": rrule.MONTHLY}
UNITS = {"daily": "day", "weekly": "week", "monthly": "month"}
#: Every month has this day.
SAFE_DAY = 28
#: An instant and its wall date are never further apart.
MARGIN = timedelta(days=2)
MINUTE = timedelta(minutes=1)


class When(NamedTuple):
    """An occurrence: its date in the rule's zone, and its instant in UTC."""

    date: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """`first_at` is the first occurrence. `count` counts it; `until` is the last date."""

    freq: str
    first_at: datetime
    timezone: str
    interval: int = 1
    by_day: Sequence[str] = ()
    until: date | None = None
    count: int | None = None
    #: How late an occurrence may begin; None: until the next one.
    missed_after_minutes: int | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def first(self) -> When:
        return When(self.first_at.astimezone(self.zone).date(), self.first_at)

    def has_its_first(self) -> bool:
        """Return whether the first occurrence is on one of the rule's own dates."""
        return not self.by_day or DAYS[self.first.date.weekday()] in self.by_day

    def after(self, moment: datetime) -> Iterator[When]:
        """Yield the occurrences later than this, in order, each later than the one before."""
        zone = self.zone
        first = self.first
        wall = self.first_at.astimezone(zone).time()
        earliest = (moment - MARGIN).astimezone(zone).date()
        last = moment
        for day in self._dates():
            if day < earliest:
                continue
            at = first.at if day == first.date else _instant(day, wall, zone)
            if at > last:
                last = at
                yield When(day, at)

    def next(self, moment: datetime) -> When | None:
        return next(self.after(moment), None)

    def minutes_to_begin(self, at: datetime) -> int | None:
        """Return how late the occurrence at this time may begin; None: the calendar ends."""
        if self.missed_after_minutes is not None:
            return self.missed_after_minutes
        following = replace(self, until=None, count=None).next(at)
        return round((following.at - at) / MINUTE) if following else None

    def _dates(self) -> Iterator[date]:
        start = datetime.combine(self.first.date, time())
        days = {"byweekday": [DAYS.index(each) for each in self.by_day]} if self.by_day else {}
        month: dict[str, Any] = {}
        if self.freq == "monthly" and start.day > SAFE_DAY:
            month = {"bymonthday": range(SAFE_DAY, start.day + 1), "bysetpos": -1}
        until = datetime.combine(self.until, time()) if self.until else None
        found = rrule.rrule(
            FREQUENCIES[self.freq],
            dtstart=start,
            interval=self.interval,
            count=self.count,
            until=until,
            **days,
            **month,
        )
        return (each.date() for each in found)

    def words(self) -> str:
        """Describe the rule for people."""
        unit = UNITS[self.freq]
        every = f"every {unit}" if self.interval == 1 else f"every {self.interval} {unit}s"
        days = f" on {', '.join(self.by_day)}" if self.by_day else ""
        wall = self.first_at.astimezone(self.zone)
        said = f"{every}{days} at {wall:%H:%M} {self.timezone}, from {wall:%Y-%m-%d}"
        if self.until:
            said += f" until {self.until}"
        return said + (f", {self.count} times" if self.count else "")


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    # With fold=0 a time in a gap has the offset from before it, and a doubled one is the first.
    return datetime.combine(day, wall).replace(tzinfo=zone, fold=0).astimezone(UTC)
