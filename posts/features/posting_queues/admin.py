from datetime import datetime
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin, SearchByNames
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
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


@admin.register(PostingQueue)
class PostingQueueAdmin(BoundedList, SearchByNames, ReadOnlyAdmin):
    """Customers' weekly schedules. They change them themselves, through the API."""

    list_display = ("name", "workspace", "shown_state", "timezone", "per_slot", "created_at")
    list_filter = (
        "active",
        "is_default",
        ("workspace", AutocompleteSelectFilter),
    )
    list_select_related = ("workspace",)
    search_help_text = "Name"
    key = Key("created_at")
    ordering = key.order
    fieldsets = (
        (None, {"fields": ("name", "workspace", "shown_state", "waiting")}),
        ("Its week", {"fields": ("timezone", "week", "next_slots")}),
        (
            "Rules",
            {"fields": ("accounts", "per_slot", "jitter")},
        ),
        ("History", {"fields": ("created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PostingQueue]:
        return super().get_queryset(request).select_related("workspace")

    @display(description="State")
    def shown_state(self, queue: PostingQueue) -> SafeString:
        """Return whether it publishes, and whether it takes posts that name no queue."""
        state = rendering.label("Active" if queue.active else "Off", STATES)
        return format_html("{}{}", state, " the default" if queue.is_default else "")

    @display(description="Posts per slot")
    def per_slot(self, queue: PostingQueue) -> int:
        return queue.max_posts_per_slot

    @display(description="Spread")
    def jitter(self, queue: PostingQueue) -> str:
        minutes = queue.jitter_minutes
        return f"up to {minutes} min after the slot" if minutes else "none: at the slot"

    @display(description="Waiting posts")
    def waiting(self, queue: PostingQueue) -> SafeString:
        found = queue.posts.filter(status=Post.Status.SCHEDULED).order_by()[: COUNTED + 1].count()
        url = f"{reverse('admin:posts_post_changelist')}?posting_queue__id__exact={queue.pk}"
        text = f"{min(found, COUNTED):,}{'+' if found > COUNTED else ''}"
        return format_html('{} <a class="dovecote-link" href="{}">(its posts)</a>', text, url)

    @display(description="Slots")
    def week(self, queue: PostingQueue) -> SafeString:
        days = groupby(sorted(slots.read(queue.slots)), key=lambda slot: slot.day_of_week)
        lines = (
            (DAYS[day], ", ".join(f"{slot.time:%H:%M}" for slot in of_day)) for day, of_day in days
        )
        return format_html_join("", "<div>{}: {}</div>", lines)

    @display(description="Next free slots")
    def next_slots(self, queue: PostingQueue) -> SafeString | str:
        found = list(islice(slots.available(queue, (), clock.now()), NEXT))
        zone = ZoneInfo(queue.timezone)
        lines = ((_both(slot, slot.astimezone(zone)),) for slot in found)
        return format_html_join("", "<div>{}</div>", lines) or f"none in {slots.AHEAD.days} days"

    @display(description="Accounts")
    def accounts(self, queue: PostingQueue) -> str:
        if queue.account_ids is None:
            return "all"
        return ", ".join(str(number) for number in queue.account_ids)


def _both(instant: datetime, wall: datetime) -> str:
    return f"{wall:%a %Y-%m-%d %H:%M} ({instant:%H:%M} UTC)"
