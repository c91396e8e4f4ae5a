import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from destinations.admin import rendering
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from destinations.admin.search import searches
from destinations.admin.search.searches import Result, SearchByNames
from posts.features.webhooks import log
from posts.features.webhooks.admin.actions import WebhookActions
from posts.features.webhooks.models import Webhook

#: The colours of the states.
STATES = {"Active": "success", "Failing": "warning", "Off": "", "Disabled": "danger"}
#: A list has no room for more of an address; the page has all of it.
LISTED_CHARS = 48
#: How many deliveries the page of a webhook lists.
NEWEST = 20


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
