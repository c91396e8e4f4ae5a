from collections.abc import Iterator
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from destinations.admin import rendering
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from destinations.admin.search import searches
from destinations.admin.search.searches import Result, SearchByNames
from destinations.runtime import clock
from posts.features.posting_queues import slots
from posts.models import Post, PostingQueue

#: How many of its next slots a page shows.
NEXT = 10
#: The most waiting posts that are counted.
COUNTED = 1_000
#: The colours of the states.
STATES = {"Active": "success", "Off": "warning"}
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def _state(queue: PostingQueue) -> SafeString:
    """Say whether it publishes, and whether it takes posts that name no queue."""
    state = rendering.label("Active" if queue.active else "Off", STATES)
    return format_html("{}{}", state, " the default" if queue.is_default else "")


def _waiting(queue: PostingQueue) -> SafeString:
    found = queue.posts.filter(status=Post.Status.SCHEDULED).order_by()[: COUNTED + 1].count()
    text = f"{min(found, COUNTED):,}{'+' if found > COUNTED else ''}"
    link = columns.to_list("posts_post", "(its posts)", posting_queue__id__exact=queue.pk)
    return format_html("{} {}", text, link)


def _week(queue: PostingQueue) -> Iterator[str]:
    days = groupby(sorted(slots.read(queue.slots)), key=lambda slot: slot.day_of_week)
    for day, of_day in days:
        yield f"{DAYS[day]}: {', '.join(f'{slot.time:%H:%M}' for slot in of_day)}"


def _next_slots(queue: PostingQueue) -> Iterator[str]:
    zone = ZoneInfo(queue.timezone)
    for slot in islice(slots.available(queue, (), clock.now()), NEXT):
        yield f"{slot.astimezone(zone):%a %Y-%m-%d %H:%M} ({slot:%H:%M} UTC)"


def _jitter(queue: PostingQueue) -> str:
    minutes = queue.jitter_minutes
    return f"up to {minutes} min after the slot" if minutes else "none: at the slot"


def _accounts(queue: PostingQueue) -> str:
    return "all" if queue.account_ids is None else ", ".join(map(str, queue.account_ids))


@admin.register(PostingQueue)
class PostingQueueAdmin(SearchByNames, BoundedAdmin):
    """Customers' weekly schedules. They change them themselves, through the API."""

    list_display = ("name", "workspace", "shown_state", "timezone", "per_slot", "created_at")
    list_filter = ("active", "is_default", filters.related("workspace"))
    list_select_related = ("workspace",)
    search_help_text = "Name"
    # No index serves the name: a workspace has few queues.
    searches = (searches.by_id("Posting queue"), searches.by_name("Posting queues", "name"))
    sections = {
        "": ("name", "workspace", "shown_state", "waiting"),
        "Its week": ("timezone", "week", "next_slots"),
        "Rules": ("accounts", "per_slot", "jitter"),
        "History": ("created_at", "updated_at"),
    }
    shown_state = Column("State", _state)
    per_slot = Column("Posts per slot", lambda queue: queue.max_posts_per_slot)
    jitter = Column("Spread", _jitter)
    waiting = Column("Waiting posts", _waiting)
    week = columns.lines("Slots", _week, empty="")
    next_slots = columns.lines("Next free slots", _next_slots, f"none in {slots.AHEAD.days} days")
    accounts = Column("Accounts", _accounts)

    def result(self, row: PostingQueue) -> Result:
        about = row.workspace.name, row.timezone
        return searches.result(row, row.name, *about, status="" if row.active else "Off")
