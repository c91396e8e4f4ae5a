from django.contrib import admin

from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.ordering import Key
from posts.features.ai.models import AiUse


@admin.register(AiUse)
class AiUseAdmin(BoundedAdmin):
    """What workspaces spend their AI credits on. No prompt or topic is kept."""

    list_display = ("created_at", "kind", "model", "shown_credits", "by", "workspace")
    list_filter = (dates.by("created_at", grows_with_pk=True), filters.related("workspace"))
    key = Key("pk")
    walked_filters = (frozenset({"workspace__id__exact"}),)
    list_select_related = ("workspace",)
    sections = {"": list_display}
    shown_credits = Column(
        "Credits", lambda use: use.credits if use.is_settled else f"{use.credits} set aside"
    )
