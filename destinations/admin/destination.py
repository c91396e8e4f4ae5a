from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from destinations import public_ids
from destinations.admin.filters import AttentionFilter, PlatformFilter
from destinations.admin.history import AttemptInline, EventInline
from destinations.admin.readonly import ReadOnlyAdmin
from destinations.models import Destination

LABELS = {
    "queued": "info",
    "publishing": "info",
    "unconfirmed": "warning",
    "published": "success",
    "failed": "danger",
}


@admin.register(Destination)
class DestinationAdmin(ReadOnlyAdmin):
    """To look at. Failed ones are tried again from their post."""

    list_display = (
        "public_id",
        "shown_status",
        "platform",
        "account_name",
        "workspace",
        "attempts",
        "due_at",
        "next_retry_at",
        "error",
    )
    list_filter = (AttentionFilter, PlatformFilter, "workspace")
    list_select_related = ("workspace",)
    search_fields = ("id",)
    search_help_text = "The id of a destination: dest_… or its UUID"
    ordering = ("-updated_at",)
    exclude = ("checkpoint",)
    inlines = (AttemptInline, EventInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        rows: QuerySet[Destination] = super().get_queryset(request)
        return rows.defer("checkpoint")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Destination], search_term: str
    ) -> tuple[QuerySet[Destination], bool]:
        if not search_term:
            return queryset, False
        key = public_ids.decode(public_ids.DESTINATION, search_term.strip())
        return queryset.filter(pk=key) if key else queryset.none(), False

    @display(description="Status", ordering="status", label=LABELS)
    def shown_status(self, destination: Destination) -> str:
        return destination.status
