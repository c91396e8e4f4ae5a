"""Retry a group of failures: the page that says what would happen, and doing it.

Only what had failed for good when the operator looked is retried. What may be live is not: a person
looks at each. What an account cannot publish is not either: it would fail again at once.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from config.admin import links
from config.admin.overview import attention, failures
from config.status import wording
from destinations import pauses
from destinations.admin.actions import retry as admin_retry
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Destination, Pause
from destinations.runtime import clock
from destinations.statistics.failures import ids
from platforms.errors import CODES
from platforms.registry import ADAPTERS

#: The most that one confirmation retries.
MOST = 5_000
#: How many are shown before.
SAMPLE = 5

CAN_POST = Q(account__is_active=True, account__needs_reconnection_since__isnull=True)


@dataclass(frozen=True, slots=True)
class RetrySelection:
    """Failures of one network with one code, between two moments."""

    platform: str
    code: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """The effects of a retry of the chosen ones. At most MOST of them are looked at."""

    #: These are sent again.
    ready: list[uuid.UUID]
    sample: list[Destination]
    #: Their account is disconnected or inactive.
    unable: int
    #: They may be live.
    doubtful: int
    #: Of `ready`: they wait until a pause ends.
    paused: int
    pauses: list[Pause]
    has_more: bool


def forecast(chosen: RetrySelection) -> Forecast:
    found = ids(chosen.platform, chosen.code, chosen.since, MOST + 1)
    rows = _failed(found[:MOST], chosen.until)
    if chosen.code == MAY_BE_PUBLIC:
        return Forecast([], [], 0, rows.count(), 0, [], len(found) > MOST)
    ready = rows.filter(CAN_POST)
    places = list(ready.values_list("pk", "workspace_id", "account_number"))
    active = pauses.active()
    holding = [pauses.covering(active, chosen.platform, *each[1:]) for each in places]
    return Forecast(
        ready=[pk for pk, _, _ in places],
        sample=list(ready.select_related("workspace").defer("checkpoint", "claim")[:SAMPLE]),
        unable=rows.exclude(CAN_POST).count(),
        doubtful=0,
        paused=sum(pause is not None for pause in holding),
        pauses=list({pause.pk: pause for pause in holding if pause}.values()),
        has_more=len(found) > MOST,
    )


def _failed(ids: list[uuid.UUID], until: datetime) -> QuerySet[Destination]:
    """Return the destinations of these that had failed for good by then."""
    failed = Destination.objects.filter(pk__in=ids, status=Destination.Status.FAILED)
    return failed.filter(next_retry_at=None, updated_at__lte=until).order_by("updated_at", "pk")


def may_retry(request: HttpRequest) -> bool:
    """The right that the list's own retry asks for."""
    return request.user.has_perm("destinations.change_destination")


def confirm(request: HttpRequest) -> HttpResponse:
    """GET: what a retry of `platform`, `code`, `since` would do. POST: do it, and report.

    Raises PermissionDenied without the right to change destinations, BadRequest for a group that
    cannot be.
    """
    if not may_retry(request):
        raise PermissionDenied
    chosen = _chosen(request)
    found = forecast(chosen)
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
        "limit": wording.number(MOST),
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
    done = admin_retry.requeue(request, found.ready, "Retry of a group")
    said = [admin_retry.report(done)]
    if found.unable:
        said.append(f"{found.unable} left: their account is disconnected or inactive.")
    if found.doubtful:
        said.append(f"{found.doubtful} left: they may be live, look at each.")
    if found.paused:
        names = wording.listed(pause.marked_name for pause in found.pauses)
        said.append(f"{found.paused} of them wait until the pause of {names} ends.")
    if found.has_more:
        said.append("More of this group are left: retry again.")
    is_whole = not (done.skipped or done.gone or found.unable or found.doubtful or found.has_more)
    messages.add_message(
        request, messages.SUCCESS if is_whole else messages.WARNING, " ".join(said)
    )
