from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from destinations.admin import rendering
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from destinations.wording import quoted
from posts.features.feeds.models import Feed, FeedItem

#: How many of its newest items a page shows.
NEWEST = 20
#: The colours of the states.
STATES = {"Reading": "success", "Failing": "warning", "Off": "danger"}


def _state(feed: Feed) -> str:
    return ("Failing" if feed.consecutive_errors else "Reading") if feed.enabled else "Off"


def _url(feed: Feed) -> str:
    """The address without its query, in which private feeds have their tokens."""
    url, query, _ = (feed.source_url or feed.url).partition("?")
    return f"{url}?…" if query else url


def _newest(feed: Feed) -> list[SafeString]:
    return [_line(item) for item in feed.items.order_by("-id")[:NEWEST]]


def _line(item: FeedItem) -> SafeString:
    text = format_html("{}: {}", item.get_state_display(), quoted(item.title or item.link))
    if item.problem:
        return format_html("{} ({})", text, item.problem)
    return rendering.inside("posts_post", item.post_id, text) if item.post_id else text


@admin.register(Feed)
class FeedAdmin(BoundedAdmin):
    """Customers' RSS and Atom feeds. They change them themselves, through the API."""

    list_display = ("name", "workspace", "shown_state", "mode", "read_at", "created_at")
    list_filter = ("enabled", "mode", filters.related("workspace"))
    list_select_related = ("workspace", "campaign")
    sections = {
        "": ("name", "workspace", "shown_state", "problem", "shown_url"),
        "Its posts": (
            "mode",
            "publish_delay_minutes",
            "require_approval",
            "account_ids",
            "campaign",
            "template",
            "include_words",
            "exclude_words",
        ),
        "Readings": ("due_at", "read_at", "baseline_at", "consecutive_errors"),
        "Newest items": ("newest",),
        "History": ("created_at", "updated_at"),
    }
    shown_state = columns.label("State", _state, STATES)
    shown_url = Column("URL", _url)
    newest = columns.lines("Items", _newest)
