"""Restricts what is sent to a list to what the list itself has: its filters, and keys of rows.

Django applies any lookup on a column of the listed model, even one that the list does not show:
`?credentials__startswith=g` would reveal a hidden column to a read-only operator, character by
character.
"""

from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
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
    """An admin whose list accepts only the parameters of its filters, and keys that rows can have.

    Django answers 500 to a selected row whose key is not of the column's type.
    """

    model: type[Model]

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return DeclaredChangeList

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> Any:
        form = request.POST.copy()
        chosen = [key for key in form.getlist(ACTION_CHECKBOX_NAME) if is_key(self.model, key)]
        form.setlist(ACTION_CHECKBOX_NAME, chosen)
        request.POST = form  # type: ignore[assignment]
        return super().response_action(request, queryset)


def is_key(model: type[Model], text: str) -> bool:
    """Return whether a row of the model can have this key."""
    try:
        model._meta.pk.to_python(text)
    except ValidationError:
        return False
    return True
