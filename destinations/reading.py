"""The only way to fetch accounts and destinations for a workspace."""

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from destinations.models import Account

#: What a bigint primary key can be; a larger number names nothing.
LARGEST = 2**63 - 1


def accounts(workspace_id: uuid.UUID) -> QuerySet[Account]:
    """A workspace's accounts, oldest first."""
    return Account.objects.filter(workspace=workspace_id).order_by("id")


def account(workspace_id: uuid.UUID, account_id: int) -> Account | None:
    """One account of the workspace; None if there is no such account there."""
    return accounts_by_id(workspace_id, [account_id]).get(account_id)


def accounts_by_id(workspace_id: uuid.UUID, ids: Iterable[int]) -> dict[int, Account]:
    """Those of `ids` that are accounts of the workspace."""
    possible = [number for number in ids if 0 < number <= LARGEST]
    return accounts(workspace_id).in_bulk(possible) if possible else {}
