"""The pages of calendar feeds, whose addresses only their makers know, and their revocation."""

from collections.abc import Mapping

from django.contrib import admin

from destinations.admin.actions.bulk import Each
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from posts.features.calendar_feeds import feeds
from posts.features.calendar_feeds.models import CalendarFeed

#: The colours of the states.
STATES = {"Active": "success", "Revoked": "danger"}


def _revoke(feed: CalendarFeed, who: Mapping[str, str]) -> bool:
    """End its address for good."""
    if feed.revoked_at:
        return False
    feeds.revoke(feed, who["by"])
    return True


@admin.register(CalendarFeed)
class CalendarFeedAdmin(BoundedAdmin):
    """Customers make feeds through the API; operators look, and may revoke."""

    list_display = ("name", "workspace", "shown_state", "last_read_at", "created_at")
    list_filter = (filters.related("workspace"),)
    list_select_related = ("workspace",)
    hidden = ("digest",)
    sections = {
        "": ("name", "workspace", "shown_state", "last_read_at"),
        "Its posts": ("statuses", "platforms", "account_number", "campaign_number", "only"),
        "History": ("by", "created_at", "revoked_at"),
    }
    shown_state = columns.label(
        "State", lambda feed: "Revoked" if feed.revoked_at else "Active", STATES
    )
    actions = ("revoke",)
    revoke = Each("Revoke", "revoked", _revoke)
