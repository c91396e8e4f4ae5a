from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists import dates
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.features.ai.models import AiUse


@admin.register(AiUse)
class AiUseAdmin(BoundedList, ReadOnlyAdmin):
    """What workspaces spend their AI credits on. No prompt or topic is kept."""

    list_display = ("created_at", "kind", "model", "shown_credits", "by", "workspace")
    list_filter = (
        dates.by("created_at", grows_with_pk=True),
        ("workspace", AutocompleteSelectFilter),
    )
    key = Key("pk")
    walked_filters = (frozenset({"workspace__id__exact"}),)
    list_select_related = ("workspace",)
    ordering = key.order
    fields = ("created_at", "kind", "model", "shown_credits", "by", "workspace")

    @display(description="Credits")
    def shown_credits(self, use: AiUse) -> str:
        return str(use.credits) if use.is_settled else f"{use.credits} set aside"
