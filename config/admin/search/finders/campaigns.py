"""Campaigns by name."""

from collections.abc import Sequence

from config.admin.search import results
from config.admin.search.finders.finder import Finder, Matches, MayView, best, containing, is_name
from config.admin.search.results import Result
from config.admin.search.term import Term
from posts.models import Campaign


def _show(rows: Sequence[Campaign], may_view: MayView) -> list[Result]:
    return results.campaigns(rows)


def _by_name(term: Term, limit: int) -> Matches:
    rows = Campaign.objects.filter(containing(term.text, "name"), deleted_at__isnull=True)
    named = rows.select_related("workspace")
    return best(named, limit, lambda row: (len(row.name), row.name, row.pk))


BY_NAME = Finder("Campaigns", Campaign, is_name, _by_name, _show, is_exact=False)
