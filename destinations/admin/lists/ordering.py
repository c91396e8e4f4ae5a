"""The order of a list, and places in it.

A list is in the order of one column that has an index, newest first, and of the primary key among
equals. A place is the last row of a page: the next page begins after it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from destinations.models.conditions import has

LARGEST_UUID = uuid.UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class Key:
    """`column`: a time, or `pk`. `has_own_index`: that of all rows in this order, and for nothing
    else (`conditions.has`).
    """

    column: str
    has_own_index: bool = False

    @property
    def order(self) -> tuple[str, ...]:
        return ("-pk",) if self.column == "pk" else (f"-{self.column}", "pk")

    def walked(self, rows: QuerySet) -> QuerySet:
        """The rows as the index of the order has them. Only for what reads them in this order.

        For rows that are named by their keys the planner would read that whole index.
        """
        return rows.filter(has(self.column)) if self.has_own_index else rows

    def place(self, row: Model) -> str:
        """The row's place, for an address."""
        if self.column == "pk":
            return str(row.pk)
        return f"{getattr(row, self.column).isoformat()}_{row.pk}"

    def end(self, value: Any) -> str:
        """The place after all rows with this value of the column."""
        return str(value) if self.column == "pk" else f"{value.isoformat()}_{LARGEST_UUID}"

    def after(self, rows: QuerySet, place: str) -> QuerySet:
        """The rows after a place. Raises ValueError for what is none."""
        try:
            return rows.filter(self._after(rows.model, place))
        except (ValidationError, OverflowError) as wrong:
            raise ValueError(place) from wrong

    def _after(self, model: type[Model], place: str) -> Q:
        value, _, pk = place.rpartition("_")
        pk = model._meta.pk.to_python(pk) if model._meta.pk else pk
        if self.column == "pk":
            return Q(pk__lt=pk)
        at: Any = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError(place)
        # So written, an index on the column alone serves it.
        column = self.column
        return Q(**{f"{column}__lte": at}) & (Q(**{f"{column}__lt": at}) | Q(pk__gt=pk))
