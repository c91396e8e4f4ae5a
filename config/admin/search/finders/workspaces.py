"""Workspaces by id and by name."""

from collections.abc import Sequence

from config.admin.search import results
from config.admin.search.finders.finder import Finder, Matches, MayView, best, containing, is_name
from config.admin.search.results import Result
from config.admin.search.term import Term
from posts.models import Workspace


def _show(rows: Sequence[Workspace], may_view: MayView) -> list[Result]:
    return results.workspaces(rows)


def _by_id(term: Term, limit: int) -> Matches:
    return Matches(list(Workspace.objects.filter(pk=term.key_of(""))))


def _by_name(term: Term, limit: int) -> Matches:
    rows = Workspace.objects.filter(containing(term.text, "name"))
    return best(rows, limit, lambda row: (len(row.name), row.name, row.pk))


BY_ID = Finder("Workspace", Workspace, lambda term: term.key_of("") is not None, _by_id, _show)
BY_NAME = Finder("Workspaces", Workspace, is_name, _by_name, _show, is_exact=False)
