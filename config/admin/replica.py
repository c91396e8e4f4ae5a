"""Pages of the admin from a standby of the database: lists, and the overview.

An operator who has changed something sees it in the next list: their own changes are waited for as
those of a customer are (destinations/runtime/replica/).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.permissions import SAFE_METHODS

from destinations.runtime.replica import lag, reading

#: Names of addresses; every list of rows has Django's ending.
PAGES = frozenset({"index", "overview_live", "overview_charts", "overview_failures"})
LIST = "_changelist"

View = Callable[..., HttpResponse]


def reads(view: View) -> View:
    """A view of the admin behind its login: what the address names may be read from a standby."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in SAFE_METHODS:
            try:
                return view(request, *args, **kwargs)
            finally:
                lag.note_write(_author(request))
        if settings.DATABASE_REPLICA is None or not _may_lag(request):
            return view(request, *args, **kwargs)
        if not request.user.is_superuser:
            # What they may do, which is kept with them, is read on the primary.
            request.user.get_all_permissions()
        return reading.read(_author(request), lambda: _rendered(view(request, *args, **kwargs)))

    return answer


def _may_lag(request: HttpRequest) -> bool:
    name = (request.resolver_match and request.resolver_match.url_name) or ""
    return name in PAGES or name.endswith(LIST)


def _rendered(response: HttpResponse) -> HttpResponse:
    """Render it here, so that its template reads from the standby too."""
    render = getattr(response, "render", None)
    return render() if render else response


def _author(request: HttpRequest) -> str:
    return f"operator:{request.user.pk}"
