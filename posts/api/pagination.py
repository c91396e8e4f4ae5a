"""Pages of lists: `limit` and `offset` in the query, `pagination` in `meta`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet

from posts.read_models.listing import Listing

#: Up to here a total is exact. To count more would read more rows with every page.
COUNTED = 10_000


class ListedRows(Protocol):
    """Rows that are read by pages."""

    def page(self, limit: int, offset: int) -> list[Any]: ...

    def count(self, most: int) -> int: ...


@dataclass(frozen=True, slots=True)
class _Rows:
    """Those of a query set."""

    found: QuerySet[Any]

    def page(self, limit: int, offset: int) -> list[Any]:
        return list(self.found[offset : offset + limit])

    def count(self, most: int) -> int:
        return self.found.order_by()[:most].count()


def page(
    listed: ListedRows | QuerySet[Any], asked: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The rows that a valid PageQuery asks for, and `meta` about them.

    A query set has an order in which no two rows are equal.
    """
    found = _Rows(listed) if isinstance(listed, QuerySet) else listed
    limit, offset = asked["limit"], asked["offset"]
    counted = None
    if isinstance(found, Listing):
        rows, counted = found.counted_page(limit + 1, offset, COUNTED + 1)
    else:
        rows = found.page(limit + 1, offset)
    has_more = len(rows) > limit
    total, is_exact = offset + len(rows), True
    # A last page needs no counting.
    if has_more or (offset and not rows):
        counted = found.count(COUNTED + 1) if counted is None else counted
        is_exact = counted <= COUNTED
        seen = total if rows else 0
        total = max(counted if is_exact else COUNTED, seen)
    told = {
        "limit": limit,
        "offset": offset,
        "total": total,
        "total_is_exact": is_exact,
        "has_more": has_more,
    }
    return rows[:limit], {"pagination": told}
