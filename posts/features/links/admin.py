from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.features.links import rules
from posts.features.links.models import LinkSettings


@admin.register(LinkSettings)
class LinkSettingsAdmin(BoundedList, ReadOnlyAdmin):
    """What becomes of links in posts. Customers change it themselves, through the API."""

    list_display = ("__str__", "workspace", "campaign", "shorten", "updated_at")
    list_filter = ("shorten", ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace", "campaign")
    key = Key("updated_at")
    ordering = key.order
    fieldsets = (
        (None, {"fields": ("workspace", "campaign", "domains", "parameters", "shorten")}),
        ("History", {"fields": ("updated_at",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkSettings]:
        return super().get_queryset(request).select_related("workspace", "campaign")

    @display(description="Parameters")
    def parameters(self, row: LinkSettings) -> str:
        found = (f"utm_{name}={row.utm[name]}" for name in rules.UTM if name in row.utm)
        return ", ".join(found) or "none"
