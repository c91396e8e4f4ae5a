"""What a caller may see and use."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """A workspace; of its accounts those of `only`, or all of them without it."""

    workspace_id: uuid.UUID
    only: frozenset[int] | None = None

    def covers(self, account_numbers: Iterable[int]) -> bool:
        return self.only is None or self.only.issuperset(account_numbers)
