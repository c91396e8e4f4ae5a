"""Build a feed: one event per post that has a time, and those of posts that were deleted.

Nothing in it depends on when it is made, unless there is too much to show: so the same posts give
the same bytes, and a short query tells whether a program has them.

Events are written as RFC 5545 says, with the few properties that a feed has.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

from destinations.access import Reach
from destinations.runtime import clock
from platforms.registry import ADAPTERS
from posts.features.calendar_feeds import cancelled
from posts.features.calendar_feeds.models import CalendarFeed
from posts.read_models import listing
from posts.read_models.listing import PostFilters
from posts.read_models.pages import Listing

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


def ical_document(name: str, description: str, events: Iterable[CalendarEvent]) -> bytes:
    """Return a calendar, in lines of at most LINE_BYTES."""
    return b"".join(map(_folded, _ical_lines(name, description, events)))


def _ical_lines(name: str, description: str, events: Iterable[CalendarEvent]) -> Iterator[str]:
    yield from HEAD
    # Each as RFC 7986 has it, and as programs had it before.
    yield from (f"NAME:{_escaped(name)}", f"X-WR-CALNAME:{_escaped(name)}")
    if description:
        yield f"DESCRIPTION:{_escaped(description)}"
        yield f"X-WR-CALDESC:{_escaped(description)}"
    for event in events:
        yield from _ical_event(event)
    yield "END:VCALENDAR"


def _ical_event(event: CalendarEvent) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"DTSTAMP:{_ical_time(event.changed_at)}"
    yield f"DTSTART:{_ical_time(event.at)}"
    yield f"DTEND:{_ical_time(event.at + LASTS)}"
    yield f"CREATED:{_ical_time(event.created_at)}"
    yield f"LAST-MODIFIED:{_ical_time(event.changed_at)}"
    # Never goes back: the seconds from the post's creation to its last change.
    lived = (event.changed_at - event.created_at).total_seconds()
    yield f"SEQUENCE:{max(0, int(lived))}"
    # It takes no time of the people who look at the calendar.
    yield "TRANSP:TRANSPARENT"
    yield f"STATUS:{event.status}"
    yield f"SUMMARY:{_escaped(event.title)}"
    yield "END:VEVENT"


def _ical_time(moment: datetime) -> str:
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
        # Every further line begins with a space.
        at, room = end, LINE_BYTES - 1
    return b"\r\n ".join([*pieces, raw[at:]]) + b"\r\n"


BACK = timedelta(days=30)
AHEAD = timedelta(days=366)
#: The most events: those nearest to now.
MOST = 2_000
CUT = f"Only the {MOST:,} posts nearest to today are here; there are more."
TEXT_CHARS = 60
#: Changed whenever the same posts are written in other bytes.
FORM = 3
#: Said in the title too: many programs show nothing of an event's status.
SAID = {"draft": "Draft", "failed": "Failed", "partial": "Partly failed"}
UNDECIDED = {
    "pending": "Not approved yet",
    "changes_requested": "Changes requested",
    "rejected": "Rejected",
}
#: The columns that an event shows, and no more: a feed has thousands.
ROWS = """
    SELECT p.id, p.status, p.content, p.scheduled_for, p.created_at, p.updated_at,
        (SELECT a.status FROM posts_approval a WHERE a.post_id = p.id),
        ARRAY(
            SELECT d.platform FROM destinations_destination d WHERE d.post_id = p.id
            ORDER BY d.position, d.account_number
        )
    FROM ({chosen}) p
"""


#: What changes whenever an event does: a post's texts and accounts change with its `updated_at`.
MARKS = """
    SELECT p.scheduled_for, concat_ws(
        ' ', p.id, p.status, p.updated_at,
        (SELECT a.status FROM posts_approval a WHERE a.post_id = p.id)
    )
    FROM ({chosen}) p
"""


class Mark(NamedTuple):
    """Where an event is, and what differs with each of its forms."""

    at: datetime
    uid: str


Placed = TypeVar("Placed", CalendarEvent, Mark)


class MarkListing(Listing):
    columns: ClassVar = "p.id, p.status, p.scheduled_for, p.updated_at"
    statement: ClassVar = MARKS

    @staticmethod
    def read(columns: Any) -> Mark:
        return Mark._make(columns)


class CalendarRow(NamedTuple):
    id: Any
    status: str
    content: str
    scheduled_for: datetime
    created_at: datetime
    updated_at: datetime
    approval: str | None
    platforms: list[str]


class CalendarListing(Listing):
    columns: ClassVar = (
        "p.id, p.status, left(p.content, 200) AS content, p.scheduled_for, p.created_at,"
        " p.updated_at"
    )
    statement: ClassVar = ROWS

    @staticmethod
    def read(columns: Any) -> CalendarRow:
        return CalendarRow._make(columns)


@dataclass(frozen=True, slots=True)
class Shown:
    """A feed's content now."""

    name: str
    description: str
    events: list[CalendarEvent]

    def written(self) -> bytes:
        return ical_document(self.name, self.description, self.events)


def version(feed: CalendarFeed) -> str:
    """Return a name for what the feed shows now, without reading texts: the same for the same."""
    now = clock.now()
    marks = [*_rows(feed, now, MarkListing)]
    removed = cancelled.removed_events(feed, MOST).values_list("at", "pk")
    marks += [Mark(at, str(pk)) for at, pk in removed if now - BACK <= at < now + AHEAD]
    said = repr((FORM, feed.name, len(marks) > MOST, _nearest(marks, now)))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def build_calendar(feed: CalendarFeed) -> Shown:
    now = clock.now()
    every = [*_events(feed, now)]
    kept = _nearest(every, now)
    if len(every) <= MOST:
        return Shown(_plain(feed.name), "", kept)
    # Most programs show no description.
    at = kept[-1].at
    cut = CalendarEvent(f"cut-{feed.pk}", at, feed.created_at, at, "CONFIRMED", CUT)
    return Shown(_plain(feed.name), CUT, [*kept, cut])


def _nearest(every: list[Placed], now: datetime) -> list[Placed]:
    """Return the MOST nearest to now, by their time."""
    kept = sorted(every, key=lambda each: abs(each.at - now))[:MOST] if len(every) > MOST else every
    return sorted(kept, key=lambda each: (each.at, each.uid))


def _events(feed: CalendarFeed, now: datetime) -> Iterator[CalendarEvent]:
    """Yield at least the events that are shown; more than MOST if there are more."""
    for row in _rows(feed, now, CalendarListing):
        undecided = UNDECIDED.get(row.approval or "")
        is_tentative = row.status == "draft" or undecided is not None
        yield CalendarEvent(
            str(row.id),
            row.scheduled_for,
            row.created_at,
            row.updated_at,
            "TENTATIVE" if is_tentative else "CONFIRMED",
            _title(SAID.get(row.status) or undecided, row.content, row.platforms),
        )
    for each in cancelled.removed_events(feed, MOST):
        if now - BACK <= each.at < now + AHEAD:
            title = _title("Cancelled", each.text, each.platforms)
            yield CalendarEvent(
                str(each.pk), each.at, each.created_at, each.removed_at, "CANCELLED", title
            )


def _rows(feed: CalendarFeed, now: datetime, kind: type[Listing]) -> Iterator[Any]:
    """Yield what `kind` reads of posts: up to MOST and one ahead, and as many back."""
    only = None if feed.only is None else frozenset(feed.only)
    wanted = PostFilters(
        statuses=feed.statuses,
        platforms=feed.platforms,
        account_id=feed.account_number,
        campaign_id=feed.campaign_number,
        sort="scheduled_for",
    )
    spans: tuple[tuple[datetime, datetime, Literal["asc", "desc"]], ...] = (
        (now, now + AHEAD, "asc"),
        (now - BACK, now, "desc"),
    )
    for since, before, order in spans:
        span = replace(
            wanted,
            since={"scheduled_for": since},
            before={"scheduled_for": before},
            order=order,
        )
        yield from listing.find(Reach(feed.workspace_id, only), span, kind).page(MOST + 1, 0)


def _title(said: str | None, text: str, platforms: Collection[str]) -> str:
    """Return the text before the networks: a month on a small screen shows the first two words."""
    names = ", ".join(ADAPTERS[key].name for key in dict.fromkeys(platforms) if key in ADAPTERS)
    plain = _plain(text)
    cut = plain if len(plain) <= TEXT_CHARS else f"{plain[:TEXT_CHARS].rstrip()}…"
    shown = f"{cut} ({names})" if cut and names else cut or names
    return f"{said}: {shown}" if said else shown


def _plain(text: str) -> str:
    """Return one line without control characters, which the format does not have."""
    if not text.isprintable():
        text = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(text.split())
