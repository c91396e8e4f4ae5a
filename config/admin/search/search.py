"""Search: ask every finder that the term suits, each for a bounded time, and show the results."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.contrib.admin import AdminSite
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from config.admin.links import may_view
from config.admin.search import content, customers, destinations, posts, webhooks
from config.admin.search.finder import READ, Finder, Matches, TooSlow, reading
from config.admin.search.results import MayView, Result
from config.admin.search.term import Term
from destinations.admin.list_search import Listed
from destinations.runtime import clock

#: What names one thing comes before what many have in common.
FINDERS: tuple[Finder, ...] = (
    posts.BY_ID,
    destinations.BY_ID,
    destinations.BY_NETWORK,
    destinations.BY_REQUEST,
    customers.REQUEST_BY_ID,
    customers.ACCOUNT_BY_ID,
    customers.KEY_BY_ID,
    customers.KEY_BY_PREFIX,
    customers.WORKSPACE_BY_ID,
    content.FILE_BY_ID,
    webhooks.BY_ID,
    webhooks.DELIVERY_BY_ID,
    webhooks.BY_EVENT,
    content.QUEUE_BY_ID,
    customers.ACCOUNT_BY_NAME,
    customers.WORKSPACE_BY_NAME,
    content.CAMPAIGN_BY_NAME,
    content.QUEUE_BY_NAME,
    webhooks.BY_NAME,
    content.FILE_BY_NAME,
    posts.BY_WORDS,
)
#: How many results of a kind are shown.
SHOWN = 10
#: How long one finder may take.
MILLISECONDS = 1_000
TOO_SLOW = "Very many match, so this was not searched to the end. Add a word, or type more of it."


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
    suitable = [each for each in FINDERS if term and may_view(each.model) and each.suits(term)]
    groups = _ask((each for each in suitable if each.is_exact), term, may_view)
    if not (groups and term.is_id):
        groups += _ask((each for each in suitable if not each.is_exact), term, may_view)
    return SearchResults(term, groups, time.perf_counter() - began)


def _ask(finders: Iterable[Finder], term: Term, may_view: MayView) -> list[ResultGroup]:
    """Return the results of the finders that found something."""
    asked = [_group(finder, term, may_view) for finder in finders]
    return [group for group in asked if group.results or group.note]


def _group(finder: Finder, term: Term, may_view: MayView) -> ResultGroup:
    found = _matches(finder, term, SHOWN)
    return ResultGroup(finder.title, finder.show(found.rows, may_view), found.note, finder.is_exact)


def _matches(finder: Finder, term: Term, limit: int) -> Matches:
    try:
        with reading(MILLISECONDS):
            return finder.find(term, limit)
    except TooSlow:
        return Matches(note=TOO_SLOW)


def listed(model: type[Model], typed: str) -> Listed:
    """Find rows for the list of this model, at most READ by each finder."""
    term = Term.read(typed)
    found = [
        _matches(finder, term, READ)
        for finder in FINDERS
        if finder.model is model and finder.suits(term)
    ]
    notes = dict.fromkeys(each.note for each in found if each.note)
    return Listed([row.pk for each in found for row in each.rows], " ".join(notes))


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
