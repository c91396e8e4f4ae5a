from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations import public_ids
from destinations.admin import confirmation, deletion, rendering, resolve
from destinations.admin import retry as admin_retry
from destinations.admin.base import ReadOnlyAdmin, SearchByNames
from destinations.admin.filters import (
    AttentionFilter,
    ErrorCodeFilter,
    PlatformFilter,
    StatusFilter,
)
from destinations.admin.lists import dates
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from destinations.admin.story import card
from destinations.models import Destination

#: The largest id of an event.
LARGEST = 2**63 - 1


@admin.register(Destination)
class DestinationAdmin(BoundedList, SearchByNames, ReadOnlyAdmin):
    """Read-only. Operators retry failed destinations and resolve those that may be public."""

    list_display = (
        "text",
        "account_of",
        "workspace",
        "shown_status",
        "shown_error",
        "wanted_at",
        "updated_at",
    )
    list_filter = (
        dates.by("updated_at"),
        AttentionFilter,
        StatusFilter,
        ErrorCodeFilter,
        PlatformFilter,
        ("account", AutocompleteSelectFilter),
        ("workspace", AutocompleteSelectFilter),
    )
    list_select_related = ("workspace", "post")
    key = Key("updated_at")
    listed_by = "updated_at"
    narrow_filters = {
        "attention": ("may_be_public", "unconfirmed", "retry_waiting", "late", "reconnect"),
        "status": ("may_be_public",),
        "error_code": None,
        "account__id__exact": None,
        "workspace__id__exact": None,
    }
    search_help_text = "Id, public link, or request id"
    ordering = key.order
    hidden = ("checkpoint", "claim")
    not_listed = ("draft", "post__platform_content", "post__deleted_files")
    # The page is a template of its own, which says what the columns mean.
    fields = ("status",)
    change_form_template = "destinations/admin/destination.html"
    actions = (
        "retry",
        "retry_confirmed",
        "mark_published",
        "mark_not_published",
        "delete_on_network",
    )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {**self._story(request, object_id or ""), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def _story(self, request: HttpRequest, object_id: str) -> dict[str, Any]:
        """What the page shows; nothing for a row that is not there or not for this operator."""
        key = public_ids.decode(public_ids.DESTINATION, object_id)
        row = card.rows().filter(pk=key).first() if key else None
        if row is None or not self.has_view_permission(request, row):
            return {}
        given = request.GET.get("before", "")
        before = int(given) if given.isdecimal() and int(given) <= LARGEST else None
        [shown] = card.cards(request, [row], most=card.ALONE, before=before)
        return {
            "card": shown,
            "is_earlier": before is not None,
            "zone": row.post.timezone,
            "post_public_id": row.post.public_id,
        }

    @admin.action(description="Retry", permissions=["operate"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Destination]) -> HttpResponse | None:
        asked = admin_retry.confirmed_or_asked(self, request, chosen)
        return asked or confirmation.back(self, request)

    @admin.action(
        description="Retry: I have checked that it is not public", permissions=["operate"]
    )
    def retry_confirmed(
        self, request: HttpRequest, chosen: QuerySet[Destination]
    ) -> HttpResponse | None:
        asked = admin_retry.retry_confirmed(self, request, chosen)
        return asked or confirmation.back(self, request)

    @admin.action(description="Mark as published: I have found it", permissions=["operate"])
    def mark_published(
        self, request: HttpRequest, chosen: QuerySet[Destination]
    ) -> HttpResponse | None:
        asked = resolve.mark_published(self, request, chosen)
        return asked or confirmation.back(self, request)

    @admin.action(
        description="Mark as not published: I have checked that it is not public",
        permissions=["operate"],
    )
    def mark_not_published(
        self, request: HttpRequest, chosen: QuerySet[Destination]
    ) -> HttpResponse | None:
        asked = resolve.mark_not_published(self, request, chosen)
        return asked or confirmation.back(self, request)

    @admin.action(description="Delete on the network", permissions=["operate"])
    def delete_on_network(
        self, request: HttpRequest, chosen: QuerySet[Destination]
    ) -> HttpResponse | None:
        asked = deletion.delete(self, request, chosen)
        return asked or confirmation.back(self, request)

    @display(description="Post")
    def text(self, destination: Destination) -> SafeString:
        return rendering.text(destination.post.content, destination.public_id)

    @display(description="Account")
    def account_of(self, destination: Destination) -> SafeString:
        return rendering.account(destination)

    @display(description="Status")
    def shown_status(self, destination: Destination) -> SafeString | str:
        return rendering.status(destination)

    @display(description="Error")
    def shown_error(self, destination: Destination) -> SafeString | str:
        return rendering.error(destination.error, destination.error_code)
