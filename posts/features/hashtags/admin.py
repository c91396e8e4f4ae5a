from django.contrib import admin

from destinations.admin import rendering
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import filters
from destinations.admin.lists.columns import Column
from posts.features.hashtags.models import HashtagSet


def _platforms(row: HashtagSet) -> str:
    if row.platforms is None:
        return "all"
    return ", ".join(map(rendering.network, row.platforms))


@admin.register(HashtagSet)
class HashtagSetAdmin(BoundedAdmin):
    """Hashtags that customers put into posts together. They change them through the API."""

    list_display = ("name", "workspace", "shown_tags", "created_at")
    list_filter = (filters.related("workspace"),)
    list_select_related = ("workspace",)
    sections = {
        "": ("name", "workspace", "shown_tags", "shown_platforms", "id"),
        "History": ("created_at", "updated_at"),
    }
    shown_tags = Column("Hashtags", lambda row: " ".join(f"#{tag}" for tag in row.hashtags))
    shown_platforms = Column("Platforms", _platforms)
