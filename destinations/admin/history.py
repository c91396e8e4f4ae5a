from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin, page
from destinations.admin.filters import OutcomeFilter, PlatformFilter
from destinations.admin.lists import dates
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from destinations.admin.story import timeline
from destinations.models import Attempt, Event
from destinations.state import history
from destinations.times import duration
from platforms.registry import ADAPTERS

#: Colours of the outcomes of attempts; the names are those of platforms.errors.
OUTCOMES = {
    "published": "success",
    "content_rejected": "danger",
    "account_needs_reconnection": "danger",
    "unsupported": "danger",
    "outcome_unknown": "warning",
    "rate_limited": "warning",
    "platform_unavailable": "warning",
    "media_host_away": "warning",
}


class DestinationPlatformFilter(PlatformFilter):
    parameter_name = "destination__platform"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(destination__platform=self.value()) if self.value() else queryset


class HistoryAdmin(BoundedList, ReadOnlyAdmin):
    """Tables that only grow: ids and times go together."""

    list_select_related = ("destination", "destination__workspace")
    key = Key("pk")
    ordering = key.order
    not_listed = ("destination__draft", "destination__checkpoint")

    @display(description="Destination")
    def what(self, row: Attempt | Event) -> SafeString:
        destination = row.destination
        return format_html(
            '{}: {}<span class="dovecote-under">{}</span>',
            ADAPTERS[destination.platform].name,
            destination.account_name,
            destination.public_id,
        )

    @display(description="Workspace")
    def workspace(self, row: Attempt | Event) -> str:
        return str(row.destination.workspace)


@admin.register(Attempt)
class AttemptAdmin(HistoryAdmin):
    list_display = (
        "what",
        "number",
        "workspace",
        "shown_outcome",
        "shown_error",
        "http",
        "late",
        "started_at",
    )
    list_filter = (
        dates.by("started_at", grows_with_pk=True),
        OutcomeFilter,
        DestinationPlatformFilter,
        ("destination__account", AutocompleteSelectFilter),
        ("destination__workspace", AutocompleteSelectFilter),
    )

    actions_list = ("unmapped_answers",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "destination",
                    ("number", "shown_outcome"),
                    "error",
                    "what_to_do",
                    ("http_status", "platform_code", "unmapped"),
                    ("platform_request_id", "worker"),
                    ("wanted_at", "started_at"),
                    ("sent_at", "answered_at"),
                    "finished_at",
                    "response",
                )
            },
        ),
    )

    @action(description="Unmapped answers", url_path="unmapped", permissions=["view"])
    def unmapped_answers(self, request: HttpRequest) -> HttpResponse:
        rows = [
            {
                **kind,
                "platform": ADAPTERS[kind["platform"]].name,
                "example": kind["attempt"].response or kind["attempt"].error or "-",
                "page": reverse("admin:destinations_attempt_change", args=[kind["newest"]]),
            }
            for kind in history.unmapped_answers()
        ]
        return page(
            self, request, "destinations/admin/unmapped.html", "Unmapped answers", rows=rows
        )

    @display(description="Outcome")
    def shown_outcome(self, attempt: Attempt) -> SafeString | str:
        return rendering.label(attempt.outcome, OUTCOMES)

    @display(description="Who must act")
    def what_to_do(self, attempt: Attempt) -> str:
        return rendering.what_to_do(attempt.outcome)

    @display(description="Error")
    def shown_error(self, attempt: Attempt) -> SafeString | str:
        return rendering.error(attempt.error, attempt.platform_code)

    @display(description="HTTP")
    def http(self, attempt: Attempt) -> str:
        return str(attempt.http_status or "-")

    @display(description="Late by")
    def late(self, attempt: Attempt) -> str:
        late = timeline.lateness(attempt)
        return duration(late) if late >= timeline.LATE else "-"


@admin.register(Event)
class EventAdmin(HistoryAdmin):
    list_display = ("what", "move", "workspace", "to_status", "by", "shown_reason", "at")
    list_filter = (
        dates.by("at", grows_with_pk=True),
        DestinationPlatformFilter,
        ("destination__account", AutocompleteSelectFilter),
        ("destination__workspace", AutocompleteSelectFilter),
    )

    @display(description="Reason")
    def shown_reason(self, event: Event) -> SafeString | str:
        return rendering.error(event.reason, event.request_id)
