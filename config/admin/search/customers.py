"""Customers: workspaces, accounts, API keys and API requests.

Digests of keys are never compared with anything: a key is found by what it is recognised by.
"""

from django.db.models import QuerySet

from config.admin.search import results
from config.admin.search.finder import Finder, Matches, best, containing, is_name
from config.admin.search.term import Term
from destinations.models import Account
from platforms.registry import ADAPTERS
from posts.features.request_log.models import ApiRequest
from posts.models import ApiKey, Workspace


def _workspace_by_id(term: Term, limit: int) -> Matches:
    return Matches(list(Workspace.objects.filter(pk=term.key_of(""))))


def _workspace_by_name(term: Term, limit: int) -> Matches:
    rows = Workspace.objects.filter(containing(term.text, "name"))
    return best(rows, limit, lambda row: (len(row.name), row.name, row.pk))


WORKSPACE_BY_ID = Finder(
    "Workspace",
    Workspace,
    lambda term: term.key_of("") is not None,
    _workspace_by_id,
    results.workspaces,
)
WORKSPACE_BY_NAME = Finder(
    "Workspaces", Workspace, is_name, _workspace_by_name, results.workspaces, is_exact=False
)


def _account_rows() -> QuerySet[Account]:
    return Account.objects.select_related("workspace").defer("credentials", "refresh_claim")


def _account_by_id(term: Term, limit: int) -> Matches:
    own = list(_account_rows().filter(pk=term.number)) if term.number is not None else []
    # Every network is named, because the index begins with it.
    theirs = _account_rows().filter(platform__in=list(ADAPTERS), platform_account_id=term.text)
    found = best(theirs.exclude(pk__in=[row.pk for row in own]), limit, lambda row: row.pk)
    return Matches([*own, *found.rows], found.note)


def _account_by_name(term: Term, limit: int) -> Matches:
    """Find by handle or name; the same handle comes first, then the shortest."""
    wanted = term.handle
    same = wanted.casefold()

    def priority(row: Account) -> tuple[bool, int, str, int]:
        names = {row.username.casefold(), row.name.removeprefix("@").casefold()}
        return same not in names, len(row.name), row.name, row.pk

    rows = _account_rows().filter(containing(wanted, "name", "username", "display_name"))
    return best(rows, limit, priority)


def _can_be_account_id(term: Term) -> bool:
    return term.is_one_word and not term.link and not term.keys


ACCOUNT_BY_ID = Finder(
    "Accounts by id", Account, _can_be_account_id, _account_by_id, results.accounts
)
ACCOUNT_BY_NAME = Finder(
    "Accounts", Account, is_name, _account_by_name, results.accounts, is_exact=False
)


def _key_rows() -> QuerySet[ApiKey]:
    return ApiKey.objects.select_related("workspace").defer("digest")


def _key_by_id(term: Term, limit: int) -> Matches:
    return Matches(list(_key_rows().filter(pk=term.key_of(""))))


def _key_by_prefix(term: Term, limit: int) -> Matches:
    rows = _key_rows().filter(prefix__startswith=term.key_prefix)
    return best(rows, limit, lambda row: (row.prefix, row.name))


KEY_BY_ID = Finder(
    "API key", ApiKey, lambda term: term.key_of("") is not None, _key_by_id, results.keys
)
KEY_BY_PREFIX = Finder(
    "API keys", ApiKey, lambda term: bool(term.key_prefix), _key_by_prefix, results.keys
)


def _request_by_id(term: Term, limit: int) -> Matches:
    """Newest first: a caller may send the same id again."""
    rows = ApiRequest.objects.select_related("workspace").filter(request_id=term.request_id)
    return best(rows, limit, lambda row: -row.pk)


REQUEST_BY_ID = Finder(
    "API requests",
    ApiRequest,
    lambda term: bool(term.request_id),
    _request_by_id,
    results.api_requests,
)
