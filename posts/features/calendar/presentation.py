"""Posts and counts as the calendar shows them: a word, an icon and a colour for each status."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.safestring import SafeString

from destinations.admin import rendering
from platforms.registry import ADAPTERS
from posts.composing.extensions import holds
from posts.features.calendar import details
from posts.features.calendar.details import Places, PlanLabel
from posts.features.calendar.queries import CalendarEntry, Count
from posts.models import Post


class StatusStyle(NamedTuple):
    """`key` names its colour, `icon` a symbol of the theme's font."""

    key: str
    word: str
    icon: str


#: In the order in which a day's counts are shown: what needs a person first.
STATES = {
    "failed": StatusStyle("failed", "Failed", "error"),
    "partial": StatusStyle("partial", "Partial", "rule"),
    "publishing": StatusStyle("publishing", "Publishing", "sync"),
    "scheduled": StatusStyle("scheduled", "Scheduled", "schedule"),
    "published": StatusStyle("published", "Published", "check_circle"),
}
LATE = StatusStyle("late", "Late", "hourglass_bottom")
UNAPPROVED = StatusStyle("unapproved", "Not approved", "pending_actions")
MAY_BE_LIVE = StatusStyle("live", "May be live", "help")
NOWHERE = Places(0, "no account", [], 0)


@dataclass(frozen=True, slots=True)
class CalendarPost:
    """One post. `local` is its time in the chosen zone."""

    entry: CalendarEntry
    places: Places
    local: datetime
    state: StatusStyle
    may_move: bool
    plan: PlanLabel

    # Templates would show the time itself in UTC.
    @property
    def day(self) -> str:
        return f"{self.local:%Y-%m-%d}"

    @property
    def time(self) -> str:
        return f"{self.local:%H:%M}"

    @property
    def url(self) -> str:
        return reverse("admin:posts_post_change", args=[self.entry.id])

    @property
    def text(self) -> str:
        return self.entry.text.strip() or "(no text)"

    @property
    def networks(self) -> str:
        return ", ".join(ADAPTERS[key].name for key in self.places.platforms if key in ADAPTERS)

    @property
    def campaign(self) -> SafeString:
        return rendering.colour(self.plan.colour, self.plan.campaign)

    @property
    def accounts(self) -> str:
        more = self.places.accounts - 1
        return f"{self.places.name} and {more} more" if more > 0 else self.places.name


@dataclass(frozen=True, slots=True)
class Counted:
    """How many posts there are, in words, and of each status."""

    count: Count

    @property
    def total(self) -> str:
        total = self.count.total
        return f"{self.number} post{pluralize(total)}" if total or self.count.is_at_least else ""

    @property
    def number(self) -> str:
        return f"{intcomma(self.count.total)}{'+' if self.count.is_at_least else ''}"

    @property
    def states(self) -> list[tuple[StatusStyle, str]]:
        return [
            (state, intcomma(self.count.by_status[key]))
            for key, state in STATES.items()
            if self.count.by_status[key]
        ]


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of a month or of a week."""

    day: date
    url: str
    is_today: bool
    is_outside: bool
    counted: Counted
    entries: Sequence[CalendarPost]

    @property
    def more(self) -> str:
        """Return how many posts of the day are not shown; "" for none."""
        left = self.counted.count.total - len(self.entries)
        if self.counted.count.is_at_least:
            return f"{intcomma(max(left, 0))}+"
        return intcomma(left) if left > 0 else ""


def shown(
    entries: Iterable[CalendarEntry], zone: ZoneInfo, now: datetime, *, may_move: bool
) -> list[CalendarPost]:
    """Each entry with where it goes and how it stands."""
    entries = list(entries)
    ids = [entry.id for entry in entries]
    places, plans = (details.places(ids), details.plans(ids)) if ids else ({}, {})
    held, found = holds.held(ids), []
    for entry in entries:
        there = places.get(entry.id, NOWHERE)
        movable = may_move and entry.status == Post.Status.SCHEDULED
        local = entry.at.astimezone(zone)
        state, plan = _state(entry, there, now, held), plans.get(entry.id, PlanLabel())
        found.append(CalendarPost(entry, there, local, state, movable, plan))
    return found


def _state(
    entry: CalendarEntry, places: Places, now: datetime, held: Collection[uuid.UUID]
) -> StatusStyle:
    if places.may_be_live:
        return MAY_BE_LIVE
    if entry.status == Post.Status.SCHEDULED and entry.id in held:
        return UNAPPROVED
    if entry.status == Post.Status.SCHEDULED and entry.at <= now:
        return LATE
    return STATES[entry.status]
