from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from platforms.registry import ADAPTERS
from posts.features.hashtags.models import HashtagSet


@admin.register(HashtagSet)
class HashtagSetAdmin(BoundedList, ReadOnlyAdmin):
    """Hashtags that customers put into posts together. They change them through the API."""

    list_display = ("name", "workspace", "shown_tags", "created_at")
    list_filter = (("workspace", AutocompleteSelectFilter),)
    list_select_related = ("workspace",)
    key = Key("created_at")
    ordering = key.order
    fieldsets = (
        (None, {"fields": ("name", "workspace", "shown_tags", "shown_platforms", "id")}),
        ("History", {"fields": ("created_at", "updated_at")}),
    )

    @display(description="Hashtags")
    def shown_tags(self, row: HashtagSet) -> str:
        return " ".join(f"#{tag}" for tag in row.hashtags)

    @display(description="Platforms")
    def shown_platforms(self, row: HashtagSet) -> str:
        return "all" if row.platforms is None else ", ".join(map(_name, row.platforms))


def _name(platform: str) -> str:
    adapter = ADAPTERS.get(platform)
    return adapter.name if adapter else platform
