"""Pages of lists: `limit` and `offset` in the query, `pagination` in `meta`."""

from typing import Any

from rest_framework.pagination import BasePagination
from rest_framework.request import Request

from posts.api.renderers import EnvelopeResponse
from posts.api.serializers.fields import read
from posts.api.serializers.queries import PageQuery


class Pagination(BasePagination):
    """Numbers out of range are refused; a last page needs no counting."""

    limit: int
    offset: int
    total: int

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        given = request.query_params
        page = read(PageQuery, {name: given[name] for name in ("limit", "offset") if name in given})
        self.limit, self.offset = page["limit"], page["offset"]
        rows = list(queryset[self.offset : self.offset + self.limit])
        is_last = len(rows) < self.limit and (rows or not self.offset)
        self.total = self.offset + len(rows) if is_last else queryset.order_by().count()
        return rows

    def get_paginated_response(self, data: Any) -> EnvelopeResponse:
        page = {
            "limit": self.limit,
            "offset": self.offset,
            "total": self.total,
            "has_more": self.offset + self.limit < self.total,
        }
        return EnvelopeResponse(data, {"pagination": page})
