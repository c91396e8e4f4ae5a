"""Events as RFC 5545 writes them: the few properties that a feed has. No tables here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

LASTS = timedelta(minutes=15)
LINE_BYTES = 75
#: How often programs should look; not all do as they are told.
HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Dovecote//Calendar//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    "X-PUBLISHED-TTL:PT1H",
)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """`status`: CONFIRMED, TENTATIVE or CANCELLED."""

    uid: str
    at: datetime
    created_at: datetime
    changed_at: datetime
    status: str
    title: str


def written(name: str, description: str, events: Iterable[CalendarEvent]) -> bytes:
    """Return a calendar, in lines of at most LINE_BYTES."""
    return b"".join(map(_folded, _lines(name, description, events)))


def _lines(name: str, description: str, events: Iterable[CalendarEvent]) -> Iterator[str]:
    yield from HEAD
    # Each as RFC 7986 has it, and as programs had it before.
    yield from (f"NAME:{_escaped(name)}", f"X-WR-CALNAME:{_escaped(name)}")
    if description:
        yield f"DESCRIPTION:{_escaped(description)}"
        yield f"X-WR-CALDESC:{_escaped(description)}"
    for event in events:
        yield from _event(event)
    yield "END:VCALENDAR"


def _event(event: CalendarEvent) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{_time(event.changed_at)}"
    yield f"DTSTART:{_time(event.at)}"
    yield f"DTEND:{_time(event.at + LASTS)}"
    yield f"CREATED:{_time(event.created_at)}"
    yield f"LAST-MODIFIED:{_time(event.changed_at)}"
    # Never goes back: the seconds from the post's creation to its last change.
    lived = (event.changed_at - event.created_at).total_seconds()
    yield f"SEQUENCE:{max(0, int(lived))}"
    # It takes no time of the people who look at the calendar.
    yield "TRANSP:TRANSPARENT"
    yield f"STATUS:{event.status}"
    yield f"SUMMARY:{_escaped(event.title)}"
    yield "END:VEVENT"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """Return a text of one line."""
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return text


def _folded(line: str) -> bytes:
    """Return the line in pieces, none of which tears a character."""
    raw = line.encode()
    pieces, at, room = [], 0, LINE_BYTES
    while len(raw) - at > room:
        end = at + room
        while raw[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(raw[at:end])
        # What follows begins with a space.
        at, room = end, LINE_BYTES - 1
    return b"\r\n ".join([*pieces, raw[at:]]) + b"\r\n"
