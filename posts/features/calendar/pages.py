"""Add the calendar to pages of posts: a month, a week or a day, rendered by the server.

Posts are moved by a menu or by dragging.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from destinations.admin.base import page
from destinations.models import Account
from destinations.runtime import clock
from platforms.registry import ADAPTERS
from posts.admin.parts import PostPart, may_change
from posts.composing import times
from posts.features.calendar import details, queries, spans
from posts.features.calendar import parameters as asking
from posts.features.calendar.parameters import VIEWS, CalendarQuery
from posts.features.calendar.presentation import Counted, DayCell, shown
from posts.features.calendar.spans import Span
from posts.models import Workspace

#: How many posts a day of a month and of a week shows; the day's own page shows all.
FEW = {"month": 3, "week": 12}
#: How many posts a page of a day shows.
PAGE = 100
#: How many drafts stand beside.
DRAFTS = 20
#: The most workspaces or accounts that can be chosen from.
CHOICES = 500


class CalendarPart(PostPart):
    def urls(self, admin: ModelAdmin) -> list[URLPattern]:
        def show(request: HttpRequest) -> HttpResponse:
            if not admin.has_view_permission(request):
                raise PermissionDenied
            return _show(admin, request)

        return [path("calendar/", admin.admin_site.admin_view(show), name="posts_calendar")]


def _show(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    asked, now = asking.read(request.GET), clock.now()
    before, after = spans.around(asked.day, asked.view)
    read = _day if asked.view == "day" else _days
    context = {
        "asked": asked,
        "views": [(name, word, asked.url(view=name)) for name, word in VIEWS.items()],
        "earlier": asked.url(day=before),
        "later": asked.url(day=after),
        "today": asked.url(day=now.astimezone(asked.zone).date()),
        "heading": _heading(asked),
        "choices": _choices(asked),
        "drafts": details.drafts(asked.filters.workspace_id, DRAFTS),
        "may_move": may_change(request),
        "changelist": reverse("admin:posts_post_changelist"),
        **read(request, asked, now),
    }
    return page(admin, request, "posts/admin/calendar/page.html", "Calendar", **context)


def _heading(asked: CalendarQuery) -> str:
    if asked.view == "month":
        return f"{asked.day:%B %Y}"
    if asked.view == "day":
        return f"{asked.day:%A, %d %B %Y}"
    days = spans.week(asked.day)
    return f"{days[0]:%d %B} to {days[-1]:%d %B %Y}"


def _days(request: HttpRequest, asked: CalendarQuery, now: datetime) -> dict[str, Any]:
    """The cells of a month or of a week, in rows of seven."""
    days = spans.month(asked.day) if asked.view == "month" else spans.week(asked.day)
    spanned = [spans.day_span(day, asked.zone) for day in days]
    counts = queries.counts(spanned, asked.filters)
    first = queries.first(spanned, asked.filters, FEW[asked.view])
    every = shown(
        (entry for entries in first for entry in entries),
        asked.zone,
        now,
        may_move=may_change(request),
    )
    by_id = {each.entry.id: each for each in every}
    today = now.astimezone(asked.zone).date()
    cells = [
        DayCell(
            day,
            asked.url(view="day", day=day),
            is_today=day == today,
            is_outside=asked.view == "month" and day.month != asked.day.month,
            counted=Counted(count),
            entries=[by_id[entry.id] for entry in entries],
        )
        for day, count, entries in zip(days, counts, first, strict=True)
    ]
    return {"weeks": [cells[start : start + 7] for start in range(0, len(cells), 7)]}


def _day(request: HttpRequest, asked: CalendarQuery, now: datetime) -> dict[str, Any]:
    """The hours of a day with their counts, and one page of its posts."""
    day = spans.day_span(asked.day, asked.zone)
    hours = spans.hours(asked.day, asked.zone)
    counts = queries.counts([hour.span for hour in hours], asked.filters)
    begins = max(asked.at, day.start) if asked.at else day.start
    found = queries.page(Span(begins, day.end), asked.filters, PAGE, asked.after)
    every = shown(found.entries, asked.zone, now, may_move=may_change(request))
    after = found.next and f"{found.next.at.isoformat()}_{found.next.id}"
    return {
        "hours": [
            {
                "hour": hour,
                "counted": Counted(count),
                "url": asked.url(at=hour.span.start.isoformat()),
                "entries": [e for e in every if hour.span.start <= e.entry.at < hour.span.end],
            }
            for hour, count in zip(hours, counts, strict=True)
        ],
        "total": _sum(counts),
        "next_page": asked.url(after=after) if after else "",
        "first_page": asked.url() if asked.after or asked.at else "",
    }


def _sum(counts: Sequence[queries.Count]) -> Counted:
    total = queries.Count(is_at_least=any(count.is_at_least for count in counts))
    for count in counts:
        total.by_status += count.by_status
    return Counted(total)


def _choices(asked: CalendarQuery) -> dict[str, Any]:
    """Return what can be chosen in the form. Accounts are those of the chosen workspace."""
    workspaces = dict(Workspace.objects.order_by("name").values_list("pk", "name")[:CHOICES])
    key = asked.filters.workspace_id
    if key and key not in workspaces:
        workspaces[key] = Workspace.objects.get(pk=key).name
    accounts = Account.objects.filter(workspace=key).order_by("platform", "name")
    return {
        "workspaces": workspaces,
        "networks": {key: adapter.name for key, adapter in ADAPTERS.items()},
        "accounts": {
            account.pk: str(account) for account in accounts.only("name", "platform")[:CHOICES]
        },
        "zones": times.names(),
    }


HOOKS = (CalendarPart(),)
