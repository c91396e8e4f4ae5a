"""The pages of calendar feeds, whose addresses only their makers know, and their revocation."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import confirmation, rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.features.calendar_feeds import feeds
from posts.features.calendar_feeds.models import CalendarFeed

#: The colours of the states.
STATES = {"Active": "success", "Revoked": "danger"}


@admin.register(CalendarFeed)
class CalendarFeedAdmin(BoundedList, ReadOnlyAdmin):
    """Customers make feeds through the API; operators look, and may revoke."""

    list_display = ("name", "workspace", "shown_state", "last_read_at", "created_at")
    list_filter = (("workspace", AutocompleteSelectFilter),)
    list_select_related = ("workspace",)
    key = Key("created_at")
    ordering = key.order
    hidden = ("digest",)
    actions = ("revoke",)
    fieldsets = (
        (None, {"fields": ("name", "workspace", "shown_state", "last_read_at")}),
        (
            "Its posts",
            {"fields": ("statuses", "platforms", "account_number", "campaign_number", "only")},
        ),
        ("History", {"fields": ("by", "created_at", "revoked_at")}),
    )

    @display(description="State")
    def shown_state(self, feed: CalendarFeed) -> SafeString | str:
        return rendering.label("Revoked" if feed.revoked_at else "Active", STATES)

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[CalendarFeed]) -> HttpResponse | None:
        """End their addresses for good."""
        done = 0
        for feed in list(chosen.filter(revoked_at__isnull=True)):
            feeds.revoke(feed, f"operator:{request.user}")
            self.log_change(request, feed, f"Revoked by operator:{request.user}")
            done += 1
        messages.success(request, f"{done} revoked.")
        return confirmation.back(self, request)
