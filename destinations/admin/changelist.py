"""What may stand in the address of a list: what its own filters take, and nothing else.

Django applies any lookup on a column of the listed model, whether the list shows the column or not:
`?credentials__startswith=g` would tell an operator who may only look what a hidden column holds,
character by character.
"""

from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.http import HttpRequest
from unfold.views import ChangeList


class DeclaredChangeList(ChangeList):
    def get_filters(self, request: HttpRequest) -> Any:
        """Raises DisallowedModelAdminLookup for a parameter that no filter of the list takes."""
        found = super().get_filters(request)
        left = found[2]
        if left:
            names = ", ".join(sorted(left))
            raise DisallowedModelAdminLookup(f"This list has no filter {names}.")
        return found


class DeclaredFilters:
    """An admin whose list takes the parameters of its filters only."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return DeclaredChangeList
