"""The calendar of a feed, as RFC 5545 has it: one event per post that has a time.

Nothing in it depends on when it is made, so that the same posts give the same bytes.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from destinations.access import Reach
from destinations.runtime import clock
from platforms.registry import ADAPTERS
from posts import listing
from posts.calendar_feeds import cancelled
from posts.listing import PostFilters
from posts.models import CalendarFeed

BACK = timedelta(days=30)
AHEAD = timedelta(days=366)
LASTS = timedelta(minutes=15)
#: The most events of each kind; those that come first.
MOST = 2_000
TEXT_CHARS = 60
#: How often programs should look; not all do as they are told.
REFRESH = timedelta(hours=1)
#: Said in the title too: many programs show nothing of an event's status.
SAID = {"draft": "Draft", "failed": "Failed", "partial": "Partly failed"}
UNDECIDED = {
    "pending": "Not approved yet",
    "changes_requested": "Changes requested",
    "rejected": "Rejected",
}


def build(feed: CalendarFeed) -> bytes:
    """The file, in lines of at most 75 bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Dovecote//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    # Each as RFC 7986 has it, and as programs had it before.
    calendar.add("name", _plain(feed.name))
    calendar.add("x-wr-calname", _plain(feed.name))
    calendar.add("refresh-interval", REFRESH, {"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for event in _events(feed):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(feed: CalendarFeed) -> list[Event]:
    now = clock.now()
    only = None if feed.only is None else frozenset(feed.only)
    wanted = PostFilters(
        statuses=feed.statuses,
        platforms=feed.platforms,
        account_id=feed.account_number,
        campaign_id=feed.campaign_number,
        since={"scheduled_for": now - BACK},
        before={"scheduled_for": now + AHEAD},
        sort="scheduled_for",
        order="asc",
    )
    found = []
    for post in listing.find(Reach(feed.workspace_id, only), wanted).page(MOST, 0):
        if post.scheduled_for is None:
            continue
        names = [row.platform for row in post.destinations]
        undecided = UNDECIDED.get((post.approval or {}).get("status", ""))
        is_tentative = post.status == "draft" or undecided is not None
        event = _event(str(post.id), post.scheduled_for, post.created_at, post.updated_at)
        event.add("status", "TENTATIVE" if is_tentative else "CONFIRMED")
        event.add("summary", _title(SAID.get(post.status) or undecided, post.content, names))
        found.append(event)
    for each in cancelled.of(feed, MOST):
        if now - BACK <= each.at < now + AHEAD:
            event = _event(str(each.pk), each.at, each.created_at, each.removed_at)
            event.add("status", "CANCELLED")
            event.add("summary", _title("Cancelled", each.text, each.platforms))
            found.append(event)
    return found


def _event(uid: str, at: datetime, created_at: datetime, changed_at: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", changed_at)
    event.add("dtstart", at)
    event.add("dtend", at + LASTS)
    event.add("created", created_at)
    event.add("last-modified", changed_at)
    # Never goes back: the seconds from the post's creation to its last change.
    event.add("sequence", max(0, int((changed_at - created_at).total_seconds())))
    # It takes no time of the people who look at the calendar.
    event.add("transp", "TRANSPARENT")
    return event


def _title(said: str | None, text: str, platforms: Collection[str]) -> str:
    """The text before the networks: a month on a small screen shows the first two words."""
    names = ", ".join(ADAPTERS[key].name for key in dict.fromkeys(platforms) if key in ADAPTERS)
    plain = _plain(text)
    cut = plain if len(plain) <= TEXT_CHARS else f"{plain[:TEXT_CHARS].rstrip()}…"
    shown = f"{cut} ({names})" if cut and names else cut or names
    return f"{said}: {shown}" if said else shown


def _plain(text: str) -> str:
    """One line without control characters, which the format does not have."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
