"""The addresses of the overview, beside the admin's first page."""

from collections.abc import Callable
from functools import wraps

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.admin import replica
from config.admin.overview import retry_page, views

View = Callable[[HttpRequest], HttpResponse]


def patterns(site: AdminSite) -> list[URLPattern]:
    return [
        path("overview/live/", _fragment(site, views.live), name="overview_live"),
        path("overview/charts/", _fragment(site, views.plots), name="overview_charts"),
        path("overview/failures/", site.admin_view(views.failed), name="overview_failures"),
        path(
            "overview/failures/retry/", site.admin_view(retry_page.confirm), name="overview_retry"
        ),
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
