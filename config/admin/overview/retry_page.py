"""The page that confirms and runs a retry of a group of failures."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from config.admin import links
from config.admin.overview import retry
from config.admin.overview.parts import attention, failures
from config.admin.overview.retry import Forecast, RetrySelection
from config.admin.overview.views import may_retry
from config.status import wording
from destinations.admin import retry as admin_retry
from destinations.admin.base import author
from destinations.runtime import clock
from platforms.errors import CODES
from platforms.registry import ADAPTERS


def confirm(request: HttpRequest) -> HttpResponse:
    """GET: what a retry of `platform`, `code`, `since` would do. POST: do it, and report.

    Raises PermissionDenied without the right to change destinations, BadRequest for a group that
    cannot be.
    """
    if not may_retry(request):
        raise PermissionDenied
    chosen = _chosen(request)
    found = retry.forecast(chosen)
    if request.method == "POST":
        _retry(request, chosen, found)
        return HttpResponseRedirect(reverse("admin:overview_failures"))
    return TemplateResponse(request, "admin/overview/retry.html", _context(request, chosen, found))


def _chosen(request: HttpRequest) -> RetrySelection:
    given = request.POST if request.method == "POST" else request.GET
    platform, code = given.get("platform", ""), given.get("code", "")
    since, until = _moment(given.get("since", "")), _moment(given.get("until", ""))
    if platform not in ADAPTERS or code not in CODES or since is None:
        raise BadRequest("There is no such group of failures.")
    return RetrySelection(platform, code, since, until or clock.now())


def _moment(text: str) -> datetime | None:
    """An aware moment; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _context(request: HttpRequest, chosen: RetrySelection, found: Forecast) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "title": "Retry failures",
        "chosen": chosen,
        "network": ADAPTERS[chosen.platform].name,
        "advice": failures.advice(chosen.code),
        "forecast": found,
        "count": wording.counted(len(found.ready), "post"),
        "limit": wording.number(retry.MOST),
        "sample": [
            {
                "account": f"{row.account_name} on {ADAPTERS[row.platform].name}",
                "workspace": row.workspace.name,
                "text": attention.excerpt(row),
                "error": row.error,
                "url": links.page("destinations_destination", row.pk),
            }
            for row in found.sample
        ],
        "may_be_live_url": links.changelist(
            "destinations_destination", attention="may_be_public", platform=chosen.platform
        ),
        "reconnect_url": links.changelist(
            "destinations_account", health="reconnect", platform=chosen.platform
        ),
    }


def _retry(request: HttpRequest, chosen: RetrySelection, found: Forecast) -> None:
    done = retry.requeue(found.ready, user_id=request.user.pk or 0, **author(request))
    said = [admin_retry.report(done)]
    if found.unable:
        said.append(f"{found.unable} left: their account is disconnected or inactive.")
    if found.doubtful:
        said.append(f"{found.doubtful} left: they may be live, look at each.")
    if found.paused:
        names = wording.listed(pause.name for pause in found.pauses)
        said.append(f"{found.paused} of them wait until the pause of {names} ends.")
    if found.has_more:
        said.append("More of this group are left: retry again.")
    is_whole = not (done.skipped or done.gone or found.unable or found.doubtful or found.has_more)
    messages.add_message(
        request, messages.SUCCESS if is_whole else messages.WARNING, " ".join(said)
    )
