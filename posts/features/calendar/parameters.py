"""What the address of the calendar asks for: the view, the day, the zone and the filters."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from destinations.access import LARGEST
from destinations.models import Account
from destinations.runtime import clock
from platforms.registry import ADAPTERS
from posts.composing import times
from posts.features.calendar import details, spans
from posts.features.calendar.queries import CalendarFilters, Cursor
from posts.models import Workspace

View = Literal["month", "week", "day"]
VIEWS: dict[View, str] = {"month": "Month", "week": "Week", "day": "Day"}


@dataclass(frozen=True, slots=True)
class CalendarQuery:
    """`at`, `after`: where in the day its page begins; None: at its start."""

    view: View
    day: date
    zone_name: str
    filters: CalendarFilters
    at: datetime | None = None
    after: Cursor | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone_name)

    def url(self, **changes: Any) -> str:
        """The address of another view or day, with the same zone and filters."""
        values = {
            "view": self.view,
            "day": self.day,
            "zone": self.zone_name,
            "workspace": self.filters.workspace_id,
            "network": self.filters.platform,
            "account": self.filters.account,
            **changes,
        }
        return f"?{urlencode({name: value for name, value in values.items() if value})}"


def read(query: Mapping[str, str]) -> CalendarQuery:
    """Return what was asked for; what is missing or makes no sense gets its default."""
    filters = _filters(query)
    zone = query.get("zone", "")
    if zone not in times.names():
        workspace = filters.workspace_id
        zone = details.usual_zone(workspace) if workspace else "UTC"
    views = [view for view in VIEWS if view == query.get("view")]
    return CalendarQuery(
        view=views[0] if views else "month",
        day=_day(query.get("day", ""), zone),
        zone_name=zone,
        filters=filters,
        at=_moment(query.get("at", "")),
        after=_cursor(query.get("after", "")),
    )


def _filters(query: Mapping[str, str]) -> CalendarFilters:
    workspace = _workspace(query.get("workspace", ""))
    network = query.get("network", "")
    platform = network if network in ADAPTERS else None
    account = _account(query.get("account", ""))
    if account and workspace in (None, account.workspace_id):
        return CalendarFilters(account.workspace_id, platform, account.pk)
    return CalendarFilters(workspace, platform)


def _workspace(text: str) -> uuid.UUID | None:
    try:
        return Workspace.objects.filter(pk=uuid.UUID(text)).values_list("pk", flat=True).first()
    except ValueError:
        return None


def _account(text: str) -> Account | None:
    if not (text.isascii() and text.isdecimal()) or int(text) > LARGEST:
        return None
    return Account.objects.filter(pk=int(text)).only("workspace").first()


def _day(text: str, zone: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return clock.now().astimezone(ZoneInfo(zone)).date()
    return min(max(day, spans.FIRST), spans.LAST)


def _moment(text: str) -> datetime | None:
    try:
        return times.parse(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _cursor(text: str) -> Cursor | None:
    at, _, key = text.partition("_")
    moment = _moment(at)
    try:
        return Cursor(moment, uuid.UUID(key)) if moment else None
    except ValueError:
        return None
