"""Accounts by their ids, ours and the networks', and by handle or name."""

from collections.abc import Sequence

from django.db.models import QuerySet

from config.admin.search import results
from config.admin.search.finders.finder import Finder, Matches, MayView, best, containing, is_name
from config.admin.search.results import Result
from config.admin.search.term import Term
from destinations.models import Account
from platforms.registry import ADAPTERS


def _rows() -> QuerySet[Account]:
    return Account.objects.select_related("workspace").defer("credentials", "refresh_claim")


def _show(rows: Sequence[Account], may_view: MayView) -> list[Result]:
    return results.accounts(rows)


def _by_id(term: Term, limit: int) -> Matches:
    own = list(_rows().filter(pk=term.number)) if term.number is not None else []
    # Every network is named, because the index begins with it.
    theirs = _rows().filter(platform__in=list(ADAPTERS), platform_account_id=term.text)
    found = best(theirs.exclude(pk__in=[row.pk for row in own]), limit, lambda row: row.pk)
    return Matches([*own, *found.rows], found.note)


def _by_name(term: Term, limit: int) -> Matches:
    """The same handle first, then the shortest."""
    wanted = term.handle
    same = wanted.casefold()

    def priority(row: Account) -> tuple[bool, int, str, int]:
        names = {row.username.casefold(), row.name.removeprefix("@").casefold()}
        return same not in names, len(row.name), row.name, row.pk

    rows = _rows().filter(containing(wanted, "name", "username", "display_name"))
    return best(rows, limit, priority)


def _can_be_id(term: Term) -> bool:
    return term.is_one_word and not term.link and not term.keys


BY_ID = Finder("Accounts by id", Account, _can_be_id, _by_id, _show)
BY_NAME = Finder("Accounts", Account, is_name, _by_name, _show, is_exact=False)
