from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize

from destinations.access import Reach
from destinations.admin import rendering
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.ordering import Key
from destinations.admin.search import searches
from destinations.admin.search.searches import Result, SearchByNames
from posts.features.campaigns import campaigns
from posts.models import Campaign

#: The colours of Campaign.Status.
COLOURS = {"Active": "success", "Archived": ""}


def _posts(campaign: Campaign) -> str:
    """Say how many there are, as a link to them."""
    count = campaigns.post_counts(Reach(campaign.workspace_id), [campaign])[campaign.pk]
    text = f"{count:,} post{pluralize(count)}"
    return columns.to_list("posts_post", text, campaign__id__exact=campaign.pk) if count else "none"


@admin.register(Campaign)
class CampaignAdmin(SearchByNames, BoundedAdmin):
    """Customers make and change campaigns; operators look at them."""

    list_display = ("name", "workspace", "shown_status", "created_at", "id")
    list_filter = (filters.choice("status"), filters.related("workspace"))
    list_select_related = ("workspace",)
    key = Key("pk")
    walked_filters = (frozenset({"workspace__id__exact"}),)
    search_help_text = "Name"
    searches = (searches.by_name("Campaigns", "name"),)
    sections = {
        "": (
            "name",
            "description",
            ("shown_status", "shown_color"),
            ("shown_workspace", "id"),
            ("created_at", "updated_at"),
            "posts",
        ),
    }
    shown_status = columns.choice("status", COLOURS)
    shown_color = Column("Colour", lambda row: rendering.colour(row.color, row.color))
    shown_workspace = columns.row("Workspace", "posts_workspace", lambda row: row.workspace)
    posts = Column("Posts", _posts)

    def searched_rows(self) -> QuerySet[Campaign]:
        return super().searched_rows().filter(deleted_at__isnull=True)

    def result(self, row: Campaign) -> Result:
        return searches.result(row, row.name, row.workspace.name, status=self.shown_status(row))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.filter(deleted_at__isnull=True)
