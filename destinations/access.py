"""The only way to fetch accounts and destinations for a workspace."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from destinations.models import Account, Destination
from destinations.runtime import database

#: The largest bigint primary key.
LARGEST = 2**63 - 1

NAMED = """
    SELECT id, name, platform, platform_account_id, held_until, is_active,
        needs_reconnection_since, token_expires_at
    FROM destinations_account
    WHERE workspace_id = %s AND id = ANY(%s::bigint[])
"""

OTHERS = """
    SELECT FROM destinations_account WHERE workspace_id = %s AND id <> ALL(%s::bigint[]) LIMIT 1
"""


class NamedAccount(NamedTuple):
    """The columns of an account that composing a post reads."""

    id: int
    name: str
    platform: str
    platform_account_id: str
    held_until: datetime | None
    is_active: bool
    needs_reconnection_since: datetime | None
    token_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reach:
    """A caller's share of a workspace: `only` some of its accounts, or all if it is None."""

    workspace_id: uuid.UUID
    only: frozenset[int] | None = None

    def covers(self, account_numbers: Iterable[int]) -> bool:
        """Return whether a post for these accounts is within reach.

        Without accounts it may still get any, so it needs access to all of them.
        """
        numbers = frozenset(account_numbers)
        return self.only is None or (bool(numbers) and self.only.issuperset(numbers))


def accounts(reach: Reach) -> QuerySet[Account]:
    """Return the accounts within reach, oldest first."""
    found = Account.objects.filter(workspace=reach.workspace_id).order_by("id")
    return found if reach.only is None else found.filter(pk__in=reach.only)


def account(reach: Reach, account_id: int) -> Account | None:
    """Return the account; None if it does not exist or is out of reach."""
    return accounts_by_id(reach, [account_id]).get(account_id)


def accounts_by_id(reach: Reach, ids: Iterable[int]) -> dict[int, Account]:
    """Return the accounts of `ids` that are within reach."""
    possible = [number for number in ids if 0 < number <= LARGEST]
    return accounts(reach).in_bulk(possible) if possible else {}


def named_by_id(reach: Reach, ids: Iterable[int]) -> dict[int, NamedAccount]:
    """Return accounts without credentials. A plain statement takes a third of the ORM's time."""
    only = reach.only
    possible = [n for n in ids if 0 < n <= LARGEST and (only is None or n in only)]
    if not possible:
        return {}
    rows = database.execute_prepared(NAMED, [reach.workspace_id, possible])
    return {row[0]: NamedAccount(*row) for row in rows}


def sees_every_account(reach: Reach) -> bool:
    """Return whether the workspace has no account out of reach; posts may have gone to such."""
    only = reach.only
    return only is None or not database.execute_prepared(OTHERS, [reach.workspace_id, list(only)])


def few_posts(reach: Reach, most: int) -> set[uuid.UUID] | None:
    """Return the posts within reach if its accounts have at most `most` destinations; else None.

    `reach` must name accounts. The cost does not depend on the planner's statistics: ordering by
    account leaves it only the index on accounts.
    """
    only = reach.only or frozenset()
    rows = Destination.objects.order_by()
    here = rows.filter(account__in=only).order_by("account").values_list("post", flat=True)
    found = list(here[: most + 1])
    if len(found) > most:
        return None
    elsewhere = rows.filter(post__in=found).exclude(account_number__in=only)
    return set(found) - set(elsewhere.values_list("post", flat=True))


def goes_elsewhere(reach: Reach, post: str) -> Exists:
    """Return whether a post also goes to accounts out of reach. `post`: the outer query's field."""
    rows = Destination.objects.filter(post=OuterRef(post)).order_by()
    return Exists(
        rows.none() if reach.only is None else rows.exclude(account_number__in=reach.only)
    )
