"""Restricts the query string of a list to the parameters of its own filters.

Django applies any lookup on a column of the listed model, even one that the list does not show:
`?credentials__startswith=g` would reveal a hidden column to a read-only operator, character by
character.
"""

from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.http import HttpRequest
from unfold.views import ChangeList


class DeclaredChangeList(ChangeList):
    def get_filters(self, request: HttpRequest) -> Any:
        """Raises DisallowedModelAdminLookup for a parameter of no filter of this list."""
        found = super().get_filters(request)
        left = found[2]
        if left:
            names = ", ".join(sorted(left))
            raise DisallowedModelAdminLookup(f"This list has no filter {names}.")
        return found


class DeclaredFilters:
    """An admin whose list accepts only the parameters of its filters."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return DeclaredChangeList
