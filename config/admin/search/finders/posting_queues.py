"""Posting queues by id and by name."""

from collections.abc import Sequence

from config.admin.search import results
from config.admin.search.finders.finder import Finder, Matches, MayView, best, containing, is_name
from config.admin.search.results import Result
from config.admin.search.term import Term
from posts.models import PostingQueue


def _show(rows: Sequence[PostingQueue], may_view: MayView) -> list[Result]:
    return results.posting_queues(rows)


def _by_id(term: Term, limit: int) -> Matches:
    rows = PostingQueue.objects.select_related("workspace").filter(pk=term.key_of(""))
    return Matches(list(rows))


def _by_name(term: Term, limit: int) -> Matches:
    """No index serves it: a workspace has few queues."""
    rows = PostingQueue.objects.filter(containing(term.text, "name"))
    named = rows.select_related("workspace")
    return best(named, limit, lambda row: (len(row.name), row.name, row.pk))


BY_ID = Finder(
    "Posting queue", PostingQueue, lambda term: term.key_of("") is not None, _by_id, _show
)
BY_NAME = Finder("Posting queues", PostingQueue, is_name, _by_name, _show, is_exact=False)
