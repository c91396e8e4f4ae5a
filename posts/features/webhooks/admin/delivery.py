from typing import Any

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from destinations.admin import rendering
from destinations.admin.actions.bulk import Each
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.search import searches
from destinations.admin.search.searches import Matches, Result, Search, Searched
from destinations.admin.search.term import Term
from posts.features.webhooks import log, replay
from posts.features.webhooks.models import WebhookDelivery, WebhookEvent

#: The colours of WebhookDelivery.Status.
COLOURS = {"Waiting": "info", "Success": "success", "Failed": "danger"}
#: Among how many events the id of one is looked for: no index has it.
RECENT = 50_000


def _event(delivery: WebhookDelivery) -> SafeString:
    return rendering.text(delivery.event.event, str(delivery.event.event_id))


def _event_and_id(delivery: WebhookDelivery) -> SafeString:
    told = delivery.event
    return format_html('<span class="dovecote-text">{}<br>{}</span>', told.event, told.event_id)


def _by_event(rows: QuerySet[WebhookDelivery], term: Term, limit: int) -> Matches:
    newest = WebhookEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
    events = WebhookEvent.objects.filter(pk__gt=newest - RECENT, event_id=term.key_of(""))
    told = list(events.values_list("pk", flat=True)[:1])
    return searches.best(rows.filter(event__in=told), limit, lambda row: row.pk)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(Searched, BoundedAdmin):
    list_display = (
        "shown_event",
        "webhook",
        "workspace",
        "shown_status",
        "attempts",
        "next_attempt_at",
        "created_at",
    )
    list_filter = (dates.by("created_at"), filters.choice("status"), filters.related("webhook"))
    list_select_related = ("event", "webhook", "webhook__workspace")
    not_listed = ("event__data", "event__body", "webhook__secret", "webhook__previous_secret")
    listed_by = "created_at"
    narrow_filters = {"webhook__id__exact": None}
    search_fields = ("id",)
    searches = (
        searches.by_id("Delivery"),
        Search("Deliveries of this event", lambda term: term.key_of("") is not None, _by_event),
    )
    hidden = ("claim",)
    sections = {
        "": (
            ("event_and_id", "shown_status"),
            ("webhook", "workspace"),
            ("attempts", "next_attempt_at"),
            "created_at",
        ),
    }
    change_form_outer_before_template = "posts/admin/webhooks/delivery_buttons.html"
    change_form_outer_after_template = "posts/admin/webhooks/attempts.html"
    shown_event = Column("Event", _event)
    event_and_id = Column("Event", _event_and_id)
    workspace = Column("Workspace", lambda delivery: str(delivery.webhook.workspace))
    shown_status = columns.choice("status", COLOURS)
    actions = ("redeliver",)
    redeliver = Each(
        "Deliver again",
        "are delivered again",
        lambda delivery, who: replay.redeliver(delivery),
        log="Delivered again",
        left=f"left: their webhooks are off, or they were attempted {replay.MOST_ATTEMPTS} times",
    )

    def result(self, row: WebhookDelivery) -> Result:
        about = str(row.webhook), row.webhook.workspace.name
        text, status = row.event.event, self.shown_status(row)
        return searches.result(row, str(row.pk), *about, text=text, status=status)

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        delivery = self.get_object(request, key)
        return {"logged": log.with_attempts([delivery])[0] if delivery else None}
