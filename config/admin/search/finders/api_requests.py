"""API requests by the id in their answer's header."""

from collections.abc import Sequence

from config.admin.search import results
from config.admin.search.finders.finder import Finder, Matches, MayView, best
from config.admin.search.results import Result
from config.admin.search.term import Term
from posts.features.request_log.models import ApiRequest


def _show(rows: Sequence[ApiRequest], may_view: MayView) -> list[Result]:
    return results.api_requests(rows)


def _by_id(term: Term, limit: int) -> Matches:
    """Newest first: a caller may send the same id again."""
    rows = ApiRequest.objects.select_related("workspace").filter(request_id=term.request_id)
    return best(rows, limit, lambda row: -row.pk)


BY_ID = Finder("API requests", ApiRequest, lambda term: bool(term.request_id), _by_id, _show)
