from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.features.feeds.models import Feed, FeedItem

#: How many of its newest items a page shows.
NEWEST = 20
#: The colours of the states.
STATES = {"Reading": "success", "Failing": "warning", "Off": "danger"}


@admin.register(Feed)
class FeedAdmin(BoundedList, ReadOnlyAdmin):
    """Customers' RSS and Atom feeds. They change them themselves, through the API."""

    list_display = ("name", "workspace", "shown_state", "mode", "read_at", "created_at")
    list_filter = ("enabled", "mode", ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    key = Key("created_at")
    ordering = key.order
    fieldsets = (
        (None, {"fields": ("name", "workspace", "shown_state", "problem", "shown_url")}),
        (
            "Its posts",
            {
                "fields": (
                    "mode",
                    "publish_delay_minutes",
                    "require_approval",
                    "account_ids",
                    "campaign",
                    "template",
                    "include_words",
                    "exclude_words",
                )
            },
        ),
        ("Readings", {"fields": ("due_at", "read_at", "baseline_at", "consecutive_errors")}),
        ("Newest items", {"fields": ("newest",)}),
        ("History", {"fields": ("created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feed]:
        return super().get_queryset(request).select_related("workspace", "campaign")

    @display(description="State")
    def shown_state(self, feed: Feed) -> str:
        failing = "Failing" if feed.consecutive_errors else "Reading"
        return rendering.label(failing if feed.enabled else "Off", STATES)

    @display(description="URL")
    def shown_url(self, feed: Feed) -> str:
        """Without its query, in which private feeds have their tokens."""
        url, query, _ = (feed.source_url or feed.url).partition("?")
        return f"{url}?…" if query else url

    @display(description="Items")
    def newest(self, feed: Feed) -> SafeString | str:
        found = feed.items.order_by("-id")[:NEWEST]
        return format_html_join("", "<div>{}</div>", ((_line(item),) for item in found)) or "none"


def _line(item: FeedItem) -> SafeString:
    text = format_html("{}: {}", item.get_state_display(), item.title or item.link)
    if item.problem:
        return format_html("{} ({})", text, item.problem)
    if item.post_id is None:
        return text
    url = reverse("admin:posts_post_change", args=[item.post_id])
    return format_html('<a class="dovecote-link" href="{}">{}</a>', url, text)
