"""The only way to fetch accounts and destinations for a workspace."""

from collections.abc import Iterable

from django.db.models import QuerySet

from destinations.models import Account
from destinations.reach import Reach

#: What a bigint primary key can be; a larger number names nothing.
LARGEST = 2**63 - 1


def accounts(reach: Reach) -> QuerySet[Account]:
    """The accounts within reach, oldest first."""
    found = Account.objects.filter(workspace=reach.workspace_id).order_by("id")
    return found if reach.only is None else found.filter(pk__in=reach.only)


def account(reach: Reach, account_id: int) -> Account | None:
    """One account; None if there is no such account within reach."""
    return accounts_by_id(reach, [account_id]).get(account_id)


def accounts_by_id(reach: Reach, ids: Iterable[int]) -> dict[int, Account]:
    """Those of `ids` that are accounts within reach."""
    possible = [number for number in ids if 0 < number <= LARGEST]
    return accounts(reach).in_bulk(possible) if possible else {}
