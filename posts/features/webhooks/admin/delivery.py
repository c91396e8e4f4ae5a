from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from destinations.admin import confirmation, rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists import dates
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.features.webhooks import log, replay
from posts.features.webhooks.models import WebhookDelivery

#: The colours of WebhookDelivery.Status.
COLOURS = {"Waiting": "info", "Success": "success", "Failed": "danger"}


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(BoundedList, ReadOnlyAdmin):
    list_display = (
        "shown_event",
        "webhook",
        "workspace",
        "shown_status",
        "attempts",
        "next_attempt_at",
        "created_at",
    )
    list_filter = (
        dates.by("created_at"),
        ("status", ChoicesDropdownFilter),
        ("webhook", AutocompleteSelectFilter),
    )
    list_select_related = ("event", "webhook", "webhook__workspace")
    not_listed = ("event__data", "webhook__secret", "webhook__previous_secret")
    key = Key("created_at")
    listed_by = "created_at"
    narrow_filters = {"webhook__id__exact": None}
    search_fields = ("id",)
    ordering = key.order
    hidden = ("claim",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("event_and_id", "shown_status"),
                    ("webhook", "workspace"),
                    ("attempts", "next_attempt_at"),
                    "created_at",
                )
            },
        ),
    )
    actions = ("redeliver",)
    change_form_outer_before_template = "posts/admin/webhooks/delivery_buttons.html"
    change_form_outer_after_template = "posts/admin/webhooks/attempts.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        delivery = self.get_object(request, object_id or "")
        logged = log.with_attempts([delivery])[0] if delivery else None
        context = {"logged": logged, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    @display(description="Event")
    def shown_event(self, delivery: WebhookDelivery) -> SafeString:
        return rendering.text(delivery.event.event, str(delivery.event.event_id))

    @display(description="Event")
    def event_and_id(self, delivery: WebhookDelivery) -> SafeString:
        told = delivery.event
        return format_html('<span class="dovecote-text">{}<br>{}</span>', told.event, told.event_id)

    @display(description="Workspace")
    def workspace(self, delivery: WebhookDelivery) -> str:
        return str(delivery.webhook.workspace)

    @display(description="Status")
    def shown_status(self, delivery: WebhookDelivery) -> SafeString | str:
        return rendering.label(delivery.get_status_display(), COLOURS)

    @admin.action(description="Deliver again", permissions=["operate"])
    def redeliver(
        self, request: HttpRequest, chosen: QuerySet[WebhookDelivery]
    ) -> HttpResponse | None:
        """Each is changed alone; those of webhooks that are off stay, and those sent very often."""
        every = list(chosen)
        sent = [each for each in every if replay.redeliver(each)]
        for each in sent:
            self.log_change(request, each, f"Delivered again by operator:{request.user}")
        left = len(every) - len(sent)
        level = messages.WARNING if left else messages.SUCCESS
        why = f"their webhooks are off, or they were attempted {replay.MOST_ATTEMPTS} times"
        said = f"{len(sent)} are delivered again, {left} left: {why}."
        self.message_user(request, said, level)
        return confirmation.back(self, request)
