"""API keys by what they are recognised by. Their digests are never compared with anything."""

from collections.abc import Sequence

from django.db.models import QuerySet

from config.admin.search import results
from config.admin.search.finders.finder import Finder, Matches, MayView, best
from config.admin.search.results import Result
from config.admin.search.term import Term
from posts.models import ApiKey


def _rows() -> QuerySet[ApiKey]:
    return ApiKey.objects.select_related("workspace").defer("digest")


def _show(rows: Sequence[ApiKey], may_view: MayView) -> list[Result]:
    return results.keys(rows)


def _by_id(term: Term, limit: int) -> Matches:
    return Matches(list(_rows().filter(pk=term.key_of(""))))


def _by_prefix(term: Term, limit: int) -> Matches:
    rows = _rows().filter(prefix__startswith=term.key_prefix)
    return best(rows, limit, lambda row: (row.prefix, row.name))


BY_ID = Finder("API key", ApiKey, lambda term: term.key_of("") is not None, _by_id, _show)
BY_PREFIX = Finder("API keys", ApiKey, lambda term: bool(term.key_prefix), _by_prefix, _show)
