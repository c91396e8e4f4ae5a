import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Max, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from destinations.admin import rendering
from destinations.admin.actions.bulk import Each
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.ordering import Key
from destinations.admin.search import searches
from destinations.admin.search.searches import Matches, Result, Search, SearchByNames, Searched
from destinations.admin.search.term import Term
from posts.features.webhooks import log, replay
from posts.features.webhooks.admin_actions import WebhookActions
from posts.features.webhooks.models import Webhook, WebhookDelivery, WebhookEvent

#: The colours of the states.
STATES = {"Active": "success", "Failing": "warning", "Off": "", "Disabled": "danger"}
#: A list has no room for more of an address; the page has all of it.
LISTED_CHARS = 48
#: How many deliveries the page of a webhook lists.
NEWEST = 20
#: The colours of WebhookDelivery.Status.
COLOURS = {"Waiting": "info", "Success": "success", "Failed": "danger"}
#: Among how many events the id of one is looked for: no index has it.
RECENT = 50_000


def state(webhook: Webhook) -> str:
    if webhook.auto_disabled_at:
        return "Disabled"
    if not webhook.is_active:
        return "Off"
    return "Failing" if webhook.consecutive_failures else "Active"


def _listed(webhook: Webhook) -> SafeString:
    under = webhook.name or str(webhook.pk)
    return rendering.text(Truncator(webhook.url).chars(LISTED_CHARS), under)


class WebhookStateFilter(filters.QueryFilter):
    title = parameter_name = "state"
    labels = {
        "failing": "Failing",
        "disabled": "Disabled because it failed",
        "off": "Off",
    }

    def queries(self) -> Mapping[str, Q]:
        return {
            "failing": Q(is_active=True, consecutive_failures__gt=0),
            "disabled": Q(auto_disabled_at__isnull=False),
            "off": Q(is_active=False),
        }


def _priority(webhook: Webhook) -> tuple[bool, int, str, uuid.UUID]:
    return not webhook.is_active, len(webhook.url), webhook.url, webhook.pk


@admin.register(Webhook)
class WebhookAdmin(WebhookActions, SearchByNames, BoundedAdmin):
    list_display = (
        "shown_address",
        "workspace",
        "shown_state",
        "failures",
        "last_success_at",
        "last_failure_at",
    )
    list_filter = (WebhookStateFilter, filters.related("workspace"))
    list_select_related = ("workspace",)
    hidden = ("secret", "previous_secret")
    search_help_text = "Id, name, or part of its address"
    # No index serves the name: a workspace has few webhooks.
    searches = (
        searches.by_id("Webhook"),
        searches.by_name("Webhooks", "name", "url", priority=_priority),
    )
    sections = {
        "": (
            "address",
            "shown_state",
            "failures",
            "workspace",
            "name",
            "description",
            "shown_events",
            "id_form",
            "all_deliveries",
        ),
        "Times": (
            "last_success_at",
            "last_failure_at",
            rendering.moment("last_delivery_at", "Last attempt"),
            rendering.moment("auto_disabled_at", "Switched off by failures"),
            rendering.moment("previous_secret_until", "Old secret signs until"),
            "created_at",
            rendering.moment("updated_at", "Changed by the customer"),
        ),
    }
    change_form_outer_before_template = "posts/admin/webhooks/buttons.html"
    change_form_outer_after_template = "posts/admin/webhooks/deliveries.html"
    address = Column(
        "Address", lambda row: format_html('<span class="dovecote-text">{}</span>', row.url)
    )
    shown_address = Column("Webhook", _listed)
    failures = Column("Failures in a row", lambda row: row.consecutive_failures)
    shown_state = columns.label("State", state, STATES)
    shown_events = Column("Events", lambda row: ", ".join(row.events))
    all_deliveries = Column(
        "Deliveries",
        lambda row: columns.to_list(
            "posts_webhookdelivery", "All its deliveries", webhook__id__exact=row.pk
        ),
    )

    def result(self, row: Webhook) -> Result:
        status = self.shown_state(row)
        return searches.result(row, str(row), row.workspace.name, text=row.url, status=status)

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        webhook = self.get_object(request, key)
        return {"deliveries": log.Deliveries(webhook).page(NEWEST, 0) if webhook else []}


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
    key = Key("created_at", has_own_index=True)
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
