from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from destinations.admin import labels, links
from destinations.admin.filters import PlatformFilter
from destinations.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from destinations.models import Attempt, Event

#: How an attempt may end, and its colour; the words are those of platforms.errors.
OUTCOMES = {
    "published": "success",
    "content_rejected": "danger",
    "account_needs_reconnection": "danger",
    "unsupported": "danger",
    "outcome_unknown": "warning",
    "rate_limited": "warning",
    "platform_unavailable": "warning",
}


class AttemptInline(ReadOnlyInline):
    model = Attempt
    verbose_name_plural = "attempts, newest first"
    ordering = ("-number",)
    fields = (
        "page",
        "shown_outcome",
        "started_at",
        "sent_at",
        "answered_at",
        "http_status",
        "error",
    )
    readonly_fields = fields
    per_page = 20

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        rows: QuerySet[Attempt] = super().get_queryset(request)
        return rows.defer("response")

    @display(description="Number")
    def page(self, attempt: Attempt) -> SafeString:
        return links.inside("destinations_attempt", attempt.pk, str(attempt.number))

    @display(description="Outcome")
    def shown_outcome(self, attempt: Attempt) -> SafeString | str:
        return labels.label(attempt.outcome, OUTCOMES)


class EventInline(ReadOnlyInline):
    model = Event
    verbose_name_plural = "events, newest first"
    ordering = ("-id",)
    fields = ("at", "move", "from_status", "to_status", "by", "reason", "request_id")
    readonly_fields = fields
    per_page = 20


class OfDestinationFilter(PlatformFilter):
    parameter_name = "destination__platform"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(destination__platform=self.value()) if self.value() else queryset


class HistoryAdmin(ReadOnlyAdmin):
    list_filter = (OfDestinationFilter,)
    list_select_related = ("destination",)
    ordering = ("-id",)
    not_listed = ("destination__draft", "destination__checkpoint")
    # These tables only grow: pages are turned without counting them.
    paginator = InfinitePaginator


@admin.register(Attempt)
class AttemptAdmin(HistoryAdmin):
    list_display = (
        "destination",
        "number",
        "shown_outcome",
        "started_at",
        "http_status",
        "short_error",
        "worker",
    )

    @display(description="Outcome", ordering="outcome")
    def shown_outcome(self, attempt: Attempt) -> SafeString | str:
        return labels.label(attempt.outcome, OUTCOMES)

    @display(description="Error")
    def short_error(self, attempt: Attempt) -> str:
        return Truncator(attempt.error).chars(90)


@admin.register(Event)
class EventAdmin(HistoryAdmin):
    list_display = ("at", "destination", "move", "from_status", "to_status", "by", "reason")
