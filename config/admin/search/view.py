"""The page with the one box, and its results alone for the dialog that opens over every page."""

from functools import partial

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from config.admin.search.search import search
from config.admin.sidebar import may_view
from destinations.runtime import clock


def show(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """`q` is what to find. With `part` only the results, which open by a click; see search.js."""
    answer = search(request.GET.get("q", ""), partial(_may_view, request))
    if "part" not in request.GET and answer.only:
        return HttpResponseRedirect(answer.only.url)
    context = {"answer": answer, "now": clock.now()}
    if "part" in request.GET:
        return TemplateResponse(request, "admin/search/results.html", context)
    context |= {**site.each_context(request), "title": "Search"}
    return TemplateResponse(request, "admin/search/page.html", context)


def _may_view(request: HttpRequest, model: type[Model]) -> bool:
    return may_view(request, model._meta.app_label, str(model._meta.model_name))
