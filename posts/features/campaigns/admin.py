from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from destinations.access import Reach
from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin, SearchByNames
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.features.campaigns import campaigns
from posts.models import Campaign

#: The colours of Campaign.Status.
COLOURS = {"Active": "success", "Archived": ""}


@admin.register(Campaign)
class CampaignAdmin(BoundedList, SearchByNames, ReadOnlyAdmin):
    """Customers make and change campaigns; operators look at them."""

    list_display = ("name", "workspace", "shown_status", "created_at", "id")
    list_filter = (("status", ChoicesDropdownFilter), ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    key = Key("pk")
    walked_filters = (frozenset({"workspace__id__exact"}),)
    search_help_text = "Name"
    ordering = key.order
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "description",
                    ("shown_status", "shown_color"),
                    ("shown_workspace", "id"),
                    ("created_at", "updated_at"),
                    "posts",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.filter(deleted_at__isnull=True)

    @display(description="Status")
    def shown_status(self, campaign: Campaign) -> SafeString | str:
        return rendering.label(campaign.get_status_display(), COLOURS)

    @display(description="Colour")
    def shown_color(self, campaign: Campaign) -> SafeString:
        return rendering.colour(campaign.color, campaign.color)

    @display(description="Workspace")
    def shown_workspace(self, campaign: Campaign) -> SafeString | str:
        return rendering.inside("posts_workspace", campaign.workspace_id, campaign.workspace.name)

    @display(description="Posts")
    def posts(self, campaign: Campaign) -> SafeString | str:
        """Return how many there are, as a link to them."""
        count = campaigns.post_counts(Reach(campaign.workspace_id), [campaign])[campaign.pk]
        if not count:
            return "none"
        query = urlencode({"campaign__id__exact": campaign.pk})
        url = f"{reverse('admin:posts_post_changelist')}?{query}"
        said = f"{count:,} post{pluralize(count)}"
        return format_html('<a class="dovecote-link" href="{}">{}</a>', url, said)
