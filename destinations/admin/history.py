from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.decorators import action, display
from unfold.paginator import InfinitePaginator

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin, ReadOnlyInline, page
from destinations.admin.filters import PlatformFilter
from destinations.models import Attempt, Event
from destinations.state import history
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
        return rendering.inside("destinations_attempt", attempt.pk, str(attempt.number))

    @display(description="Outcome")
    def shown_outcome(self, attempt: Attempt) -> SafeString | str:
        return rendering.label(attempt.outcome, OUTCOMES)


class EventInline(ReadOnlyInline):
    model = Event
    verbose_name_plural = "events, newest first"
    ordering = ("-id",)
    fields = ("at", "move", "from_status", "to_status", "by", "reason", "request_id")
    readonly_fields = fields
    per_page = 20


class DestinationPlatformFilter(PlatformFilter):
    parameter_name = "destination__platform"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(destination__platform=self.value()) if self.value() else queryset


class HistoryAdmin(ReadOnlyAdmin):
    list_filter = (DestinationPlatformFilter,)
    list_select_related = ("destination",)
    ordering = ("-id",)
    not_listed = ("destination__draft", "destination__checkpoint")
    # These tables only grow, so pages are turned without counting rows.
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

    @display(description="Outcome", ordering="outcome")
    def shown_outcome(self, attempt: Attempt) -> SafeString | str:
        return rendering.label(attempt.outcome, OUTCOMES)

    @display(description="Who must act")
    def what_to_do(self, attempt: Attempt) -> str:
        return rendering.what_to_do(attempt.outcome)

    @display(description="Error")
    def short_error(self, attempt: Attempt) -> str:
        return Truncator(attempt.error).chars(90)


@admin.register(Event)
class EventAdmin(HistoryAdmin):
    list_display = ("at", "destination", "move", "from_status", "to_status", "by", "reason")
