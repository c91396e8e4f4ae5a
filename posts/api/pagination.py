"""Pages of lists: `limit` and `offset` in the query, `pagination` in `meta`."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet


def page(rows: QuerySet[Any], asked: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The rows that a valid PageQuery asks for, and `meta` about them."""
    limit, offset = asked["limit"], asked["offset"]
    found = list(rows[offset : offset + limit])
    # A last page needs no counting.
    is_last = len(found) < limit and (found or not offset)
    total = offset + len(found) if is_last else rows.order_by().count()
    has_more = offset + limit < total
    told = {"limit": limit, "offset": offset, "total": total, "has_more": has_more}
    return found, {"pagination": told}
