"""Whether this browser may see Flower: what the proxy asks before it passes a request on."""

from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from config.web import error_pages
from destinations.admin import flower

#: Flower's list of tasks is asked for by POST.
READS = ("GET", "HEAD")
LIST = "/tasks/datatable"


@never_cache
def show(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """204 for an operator who may; the login or a refusal, which the proxy shows, for others."""
    wanted = request.headers.get("X-Forwarded-Uri", "")
    if not site.has_permission(request):
        home = reverse("admin:index")
        query = urlencode({REDIRECT_FIELD_NAME: wanted if wanted.startswith("/admin/") else home})
        return HttpResponseRedirect(f"{reverse('admin:login')}?{query}")
    if not request.user.has_perm(flower.PERMISSION):
        return error_pages.forbidden(request)
    reads = request.headers.get("X-Forwarded-Method", "GET") in READS
    if not reads and not wanted.partition("?")[0].endswith(LIST):
        return error_pages.forbidden(request)
    return HttpResponse(status=204)
