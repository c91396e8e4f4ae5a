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
        """Whether a post for these accounts is within reach.

        One for none yet may become one for any: it is for whoever may use them all.
        """
        numbers = frozenset(account_numbers)
        return self.only is None or (bool(numbers) and self.only.issuperset(numbers))
