from datetime import timedelta

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.decorators import action

from destinations.admin import rendering
from destinations.admin.base import BoundedAdmin, page
from destinations.admin.lists import columns, dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.filters import OutcomeFilter, PlatformFilter
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


def _late(attempt: Attempt) -> str:
    late: timedelta = timeline.lateness(attempt)
    return duration(late) if late >= timeline.LATE else "-"


class HistoryAdmin(BoundedAdmin):
    """Tables that only grow: ids and times go together."""

    list_select_related = ("destination", "destination__workspace")
    key = Key("pk")
    not_listed = ("destination__draft", "destination__checkpoint")
    what = Column(
        "Destination",
        lambda row: rendering.destination(row.destination, row.destination.public_id),
    )
    workspace = Column("Workspace", lambda row: str(row.destination.workspace))


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
        filters.related("destination__account"),
        filters.related("destination__workspace"),
    )
    actions_list = ("unmapped_answers",)
    sections = {
        "": (
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
        ),
    }
    shown_outcome = columns.label("Outcome", lambda row: row.outcome, OUTCOMES)
    what_to_do = Column("Who must act", lambda row: rendering.what_to_do(row.outcome))
    shown_error = Column("Error", lambda row: rendering.error(row.error, row.platform_code))
    http = Column("HTTP", lambda row: str(row.http_status or "-"))
    late = Column("Late by", _late)

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


@admin.register(Event)
class EventAdmin(HistoryAdmin):
    list_display = ("what", "move", "workspace", "to_status", "by", "shown_reason", "at")
    list_filter = (
        dates.by("at", grows_with_pk=True),
        DestinationPlatformFilter,
        filters.related("destination__account"),
        filters.related("destination__workspace"),
    )
    shown_reason = Column("Reason", lambda row: rendering.error(row.reason, row.request_id))
