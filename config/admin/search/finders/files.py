"""Files by id and by name."""

from collections.abc import Sequence

from django.db.models import QuerySet

from config.admin.search import results
from config.admin.search.finders.finder import Finder, Matches, MayView, best, containing, is_name
from config.admin.search.results import Result
from config.admin.search.term import Term
from posts.models import Media


def _rows() -> QuerySet[Media]:
    rows = Media.objects.select_related("workspace")
    return rows.defer("storage_key", "stripped_key", "thumbnail_key")


def _show(rows: Sequence[Media], may_view: MayView) -> list[Result]:
    return results.files(rows)


def _by_id(term: Term, limit: int) -> Matches:
    return Matches(list(_rows().filter(pk=term.key_of(""))))


def _by_name(term: Term, limit: int) -> Matches:
    """Newest first."""
    rows = _rows().filter(containing(term.text, "filename"))
    return best(rows, limit, lambda row: -row.created_at.timestamp())


BY_ID = Finder("File", Media, lambda term: term.key_of("") is not None, _by_id, _show)
BY_NAME = Finder("Files", Media, is_name, _by_name, _show, is_exact=False)
