from django.contrib import admin

from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.ordering import Key
from posts.features.links import rules
from posts.features.links.models import LinkSettings


def _parameters(row: LinkSettings) -> str:
    found = (f"utm_{name}={row.utm[name]}" for name in rules.UTM if name in row.utm)
    return ", ".join(found) or "none"


@admin.register(LinkSettings)
class LinkSettingsAdmin(BoundedAdmin):
    """What becomes of links in posts. Customers change it themselves, through the API."""

    list_display = ("__str__", "workspace", "campaign", "shorten", "updated_at")
    list_filter = ("shorten", filters.related("workspace"))
    list_select_related = ("workspace", "campaign")
    key = Key("updated_at")
    sections = {
        "": ("workspace", "campaign", "domains", "parameters", "shorten"),
        "History": ("updated_at",),
    }
    parameters = Column("Parameters", _parameters)
