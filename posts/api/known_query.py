"""Refuses query parameters of calls that take none.

An ignored `?dry_run=true` or `?status=failed` would do, or show, something else than was asked for.
Calls that take some read them with a `QuerySerializer`, which refuses all others.
"""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from posts.api.endpoints import Options
from posts.errors import RequestRefused

if TYPE_CHECKING:  # DRF's settings name `posts.api.auth`, which imports this
    from rest_framework.views import APIView


def check(request: Request, view: "APIView") -> None:
    """Raises RequestRefused for a parameter that the view's method does not read."""
    handler = getattr(view, str(request.method).lower(), None)
    if handler is None or getattr(handler, "options", Options()).reads_query:
        return
    for name in request.query_params:
        shown = name[:100]
        message = f"There is no query parameter {shown!r}: this call takes none."
        raise RequestRefused("invalid_field_name", message, field=shown)


class KnownQuery(BasePermission):
    """For calls that need no key."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        check(request, view)
        return True
