"""The overview's page, what refreshes it, the page of its failures, and their addresses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.admin import replica
from config.admin.links import may_view
from config.admin.overview import failures, networks, retry, verdict
from config.admin.overview.charts import charts
from config.admin.overview.read import FAILED_SINCE, Rights, load_overview
from config.models import Incident
from destinations.runtime import clock
from destinations.statistics import series
from platforms.registry import ADAPTERS

#: What the failures page offers, in hours.
SPANS = {"1": "1 hour", "6": "6 hours", "24": "24 hours", "168": "7 days"}
DEFAULT_SPAN = "24"
#: How many open incidents the charts mark, the newest.
MARKED = 5


def show(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: adds what this operator may see."""
    return {**context, "title": "Overview", **_now(request)}


def live(request: HttpRequest) -> HttpResponse:
    """The part of the page that refreshes itself."""
    return render(request, "admin/overview/live.html", _now(request))


def plots(request: HttpRequest) -> HttpResponse:
    """The last 24 hours; raises PermissionDenied for those who may not see destinations."""
    if not Rights.held_by(request).destinations:
        raise PermissionDenied
    seen = (
        Incident.objects.filter(closed_at=None) if may_view(request, "config", "incident") else ()
    )
    incidents = list(seen[:MARKED])
    drawn = charts(series.last_day(clock.now()), incidents)
    return render(request, "admin/overview/charts.html", {"charts": drawn, "incidents": incidents})


def failed(request: HttpRequest) -> HttpResponse:
    """Every group of failures; raises PermissionDenied as `plots` does."""
    if not Rights.held_by(request).destinations:
        raise PermissionDenied
    platform, span = request.GET.get("platform", ""), request.GET.get("hours", "")
    platform = platform if platform in ADAPTERS else ""
    span = span if span in SPANS else DEFAULT_SPAN
    now = clock.now()
    context = {
        **admin.site.each_context(request),
        "title": "Failures",
        "failures": failures.lines(now, _since(now, span), platform),
        "can_retry": retry.may_retry(request),
        "platform": platform,
        "span": span,
        "spans": SPANS,
        "platforms": {key: adapter.name for key, adapter in ADAPTERS.items()},
    }
    return TemplateResponse(request, "admin/overview/failures_page.html", context)


def _now(request: HttpRequest) -> dict[str, Any]:
    found = load_overview(request)
    return {
        "overview": found,
        "lines": verdict.lines(found),
        "networks": networks.rows(found.networks, found.pauses.value),
        "busy_queues": [queue for queue in found.queues if queue.is_busy],
        "unserved_queues": [
            queue for queue in found.queues if not (queue.is_busy or queue.served_by)
        ],
        "can_retry": retry.may_retry(request),
        "failed_minutes": int(FAILED_SINCE.total_seconds() // 60),
    }


def _since(now: datetime, hours: str) -> datetime:
    return now - timedelta(hours=int(hours))


View = Callable[[HttpRequest], HttpResponse]


def patterns(site: AdminSite) -> list[URLPattern]:
    return [
        path("overview/live/", _fragment(site, live), name="overview_live"),
        path("overview/charts/", _fragment(site, plots), name="overview_charts"),
        path("overview/failures/", site.admin_view(failed), name="overview_failures"),
        path("overview/failures/retry/", site.admin_view(retry.confirm), name="overview_retry"),
    ]


def _fragment(site: AdminSite, view: View) -> View:
    """A view that a page calls by itself.

    An operator who is logged out is not sent to the login, which would appear inside of the page:
    the page is told to load itself again.
    """

    @never_cache
    @require_safe
    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if not site.has_permission(request):
            return HttpResponse(status=403, headers={"HX-Refresh": "true"})
        return replica.reads(view)(request)

    return answer
