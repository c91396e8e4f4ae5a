"""The site's search: asks every search that the term suits, and shows the results."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from config.admin.links import GROUPS, may_view
from destinations.admin.search.searches import MayView, Result, Search, Searched
from destinations.admin.search.term import Term
from destinations.runtime import clock

#: How many results of a kind are shown.
SHOWN = 10


class Declared(NamedTuple):
    """A search, and the admin that declares it."""

    admin: Searched
    search: Search


@dataclass(frozen=True, slots=True)
class ResultGroup:
    title: str
    results: Sequence[Result]
    note: str = ""
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class SearchResults:
    term: Term
    groups: Sequence[ResultGroup] = ()
    seconds: float = 0

    @property
    def count(self) -> int:
        return sum(len(group.results) for group in self.groups)

    @property
    def only(self) -> Result | None:
        """The result to open at once: the only one there is, if the term is its whole name."""
        if self.count != 1:
            return None
        [group] = [group for group in self.groups if group.results]
        return group.results[0] if group.is_exact else None


def search(typed: str, may_view: MayView) -> SearchResults:
    """Find the things that the text names and that this operator may view.

    A text that can only be an id or a link is looked for in texts and names if nothing has it.
    """
    began, term = time.perf_counter(), Term.read(typed)
    suitable = [
        each
        for each in _declared()
        if term and may_view(each.admin.model) and each.search.suits(term)
    ]
    groups = _ask([each for each in suitable if not each.search.rank], term, may_view)
    if not (groups and term.is_id):
        others = [each for each in suitable if each.search.rank]
        groups += _ask(sorted(others, key=lambda each: each.search.rank), term, may_view)
    return SearchResults(term, groups, time.perf_counter() - began)


def _declared() -> Iterator[Declared]:
    """Yield the searches of all admins, in the order of the sidebar."""
    registered: dict[Any, Any] = admin.site._registry
    for app, model in ((app, model) for links in GROUPS.values() for *_, app, model in links):
        page = registered.get(apps.all_models[app].get(model))
        if isinstance(page, Searched):
            for each in page.searches:
                yield Declared(page, each)


def _ask(asked: Sequence[Declared], term: Term, may_view: MayView) -> list[ResultGroup]:
    """Return the results of the searches that found something."""
    found = [_group(each, term, may_view) for each in asked]
    return [group for group in found if group.results or group.note]


def _group(asked: Declared, term: Term, may_view: MayView) -> ResultGroup:
    page, search = asked
    found = search.matches(page.searched_rows(), term, SHOWN)
    results = page.results(found.rows, may_view)
    return ResultGroup(search.title, results, found.note, is_exact=not search.rank)


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
