"""Pages of lists: `limit` and `offset` in the query, `pagination` in `meta`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet

from posts.read_models.pages import Count, Listing

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
    listed: ListedRows | Listing | QuerySet[Any], asked: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The rows that a valid PageQuery asks for, and `meta` about them.

    A query set has an order in which no two rows are equal.
    """
    found: ListedRows | Listing = _Rows(listed) if isinstance(listed, QuerySet) else listed
    limit, offset = asked["limit"], asked["offset"]
    counted = None
    if isinstance(found, Listing):
        rows, counted = found.counted_page(limit + 1, offset, COUNTED + 1)
    else:
        rows = found.page(limit + 1, offset)
    has_more = len(rows) > limit
    total = Count(offset + len(rows))
    # A last page needs no counting.
    if has_more or (offset and not rows):
        seen = total.total if rows else 0
        total = counted or _count(found)
        total = total._replace(total=max(total.total, seen))
    told = {
        "limit": limit,
        "offset": offset,
        "total": total.total,
        "total_is_exact": total.is_exact,
        "has_more": has_more,
    }
    return rows[:limit], {"pagination": told}


def _count(found: ListedRows | Listing) -> Count:
    if isinstance(found, Listing):
        return found.count(COUNTED + 1)
    return Count(found.count(COUNTED + 1)).up_to(COUNTED + 1)
