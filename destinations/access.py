"""The only way to fetch accounts and destinations for a workspace."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from destinations.models import Account, Destination

#: What a bigint primary key can be; a larger number names nothing.
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Reach:
    """A workspace; of its accounts those of `only`, or all of them without it."""

    workspace_id: uuid.UUID
    only: frozenset[int] | None = None

    def covers(self, account_numbers: Iterable[int]) -> bool:
        """Whether a post for these accounts is within reach.

        One for none yet may become one for any: it is for whoever may use them all.
        """
        numbers = frozenset(account_numbers)
        return self.only is None or (bool(numbers) and self.only.issuperset(numbers))


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


def few_posts(reach: Reach, most: int) -> set[uuid.UUID] | None:
    """The posts within reach, if its accounts have destinations of `most` at the most; else None.

    `reach` is of some accounts only. The cost does not depend on the planner's statistics: ordering
    by account leaves it only the index on accounts.
    """
    only = reach.only or frozenset()
    rows = Destination.objects.order_by()
    here = rows.filter(account__in=only).order_by("account").values_list("post", flat=True)
    found = set(here[: most + 1])
    if len(found) > most:
        return None
    elsewhere = rows.filter(post__in=found).exclude(account_number__in=only)
    return found - set(elsewhere.values_list("post", flat=True))


def goes_elsewhere(reach: Reach, post: str) -> Exists:
    """Whether a post also goes to accounts out of reach; `post`: its field in the outer query."""
    rows = Destination.objects.filter(post=OuterRef(post)).order_by()
    return Exists(
        rows.none() if reach.only is None else rows.exclude(account_number__in=reach.only)
    )
