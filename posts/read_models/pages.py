"""Matching posts in an order, read by pages and counted."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

from destinations.runtime import database
from posts import read_models as rows
from posts.read_models import Condition, PostRow, WholePostRow

EVERY = Condition("posts_post p", ())


class Count(NamedTuple):
    """How many there are; at least so many if it is not exact."""

    total: int
    is_exact: bool = True

    def up_to(self, most: int) -> Self:
        """Return it as counted up to `most`."""
        return type(self)(min(self.total, most - 1), self.is_exact and self.total < most)


@dataclass(frozen=True, slots=True)
class Listing:
    """The posts that match, to be read by pages of `PostRow`.

    `which` says of a post whether it matches; `source` gives all that do, and maybe others.
    """

    statement: ClassVar[str] = rows.LISTED
    columns: ClassVar[str] = rows.COLUMNS

    which: Condition
    order: str
    source: Condition = EVERY
    #: Where it had to be counted to know how to look for them.
    counted: Count | None = None

    @staticmethod
    def read(columns: Sequence[Any]) -> Any:
        """Return a row from its columns."""
        return PostRow.read_listed(columns)

    def page(self, limit: int, offset: int) -> list[Any]:
        """Return at most `limit` posts after the first `offset`."""
        found = database.execute(self._sql(), (*self._parameters, limit, offset))
        return [self.read(columns) for columns in found]

    def counted_page(self, limit: int, offset: int, most: int) -> tuple[list[Any], Count | None]:
        """Return a page and, if it is full, how many posts match, counted up to `most`."""
        if self.counted:
            page = self.page(limit, offset)
            return page, self.counted.up_to(most) if len(page) == limit else None
        count = self._count(most)
        counted = f", CASE WHEN (SELECT count(*) FROM page) = %s THEN ({count.sql}) END"
        parameters = (*self._parameters, limit, offset, limit, *count.parameters)
        found = database.execute(self._sql(counted), parameters)
        total = found[0][-1] if found else None
        page = [self.read(columns[:-1]) for columns in found]
        return page, None if total is None else Count(total).up_to(most)

    def count(self, most: int) -> Count:
        """Return how many match, counted up to `most`."""
        if self.counted:
            return self.counted.up_to(most)
        ((total,),) = database.execute(*self._count(most))
        return Count(total).up_to(most)

    def ids(self, most: int) -> list[uuid.UUID]:
        """Return the first `most` in their order."""
        sql = f"SELECT p.id {self._matching} ORDER BY {self.order} LIMIT %s"
        return [key for (key,) in database.execute(sql, (*self._parameters, most))]

    def among(self, ids: Sequence[uuid.UUID]) -> Self:
        """Return those of these posts that match."""
        some = Condition("p.id = ANY(%s)", (list(ids),))
        return type(self)(all_of([some, self.which]), self.order)

    @property
    def _matching(self) -> str:
        return f"FROM {self.source.sql} WHERE {self.which.sql}"

    @property
    def _parameters(self) -> tuple[Any, ...]:
        return (*self.source.parameters, *self.which.parameters)

    def _count(self, most: int) -> Condition:
        some = f"SELECT {self._matching} LIMIT %s"
        return Condition(f"SELECT count(*) FROM ({some}) counted", (*self._parameters, most))

    def _sql(self, counted: str = "") -> str:
        chosen = (
            f"SELECT {self.columns}, p.published_at {self._matching}"
            f" ORDER BY {self.order} LIMIT %s OFFSET %s"
        )
        sql = self.statement.format(chosen=chosen, counted=counted)
        return f"{sql} ORDER BY {self.order}"


class WholeListing(Listing):
    """A listing with rows of `WholePostRow`."""

    statement: ClassVar = rows.WHOLE
    columns: ClassVar = rows.WHOLE_COLUMNS

    @staticmethod
    def read(columns: Sequence[Any]) -> Any:
        return WholePostRow.read(columns)


def all_of(conditions: Iterable[Condition]) -> Condition:
    found = list(conditions)
    parameters = (value for each in found for value in each.parameters)
    return Condition(" AND ".join(each.sql for each in found), tuple(parameters))
