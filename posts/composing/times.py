"""Parses times as customers write them: ISO 8601, with an offset or in a given time zone."""

import re
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from posts.errors import RequestRefused, invalid

#: A date alone is refused, because midnight is a bad guess.
_FORM = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r"([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
#: Names in the zone database that are not places.
_NO_PLACES = {"localtime", "posixrules", "Factory"}


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_PLACES)


def names() -> list[str]:
    """Return every zone that a time may be in, in alphabetical order."""
    return sorted(_names())


def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name. Raises RequestRefused."""
    if name not in _names():
        raise RequestRefused(
            "invalid_timezone", "timezone must be an IANA name such as America/New_York or UTC."
        )
    return ZoneInfo(name)


def parse(text: str) -> datetime:
    """Parse a date and time, aware if the text has an offset. Raises ValueError for customers."""
    if not _FORM.fullmatch(text):
        raise ValueError(
            "Write an ISO 8601 date and time such as 2030-03-15T14:00:00Z, with an offset or with "
            "timezone beside it."
        )
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError("There is no such date or time.") from None


def resolve(moment: datetime, zone_name: str) -> datetime:
    """Return the instant in UTC. An offset wins over the zone, the earlier of two instants counts.

    Raises RequestRefused.
    """
    place = zone(zone_name)
    try:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        instant = moment.replace(tzinfo=place, fold=0).astimezone(UTC)
        shown = instant.astimezone(place).replace(tzinfo=None)
    except (OverflowError, ValueError):
        raise invalid("scheduled_at", "This time is out of range.") from None
    if shown != moment:
        raise invalid(
            "scheduled_at", f"Clocks in {zone_name} skip this time; there is no such instant."
        )
    return instant
