from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter
from unfold.decorators import display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin, SearchByNames
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.features.webhooks import log
from posts.features.webhooks.admin import actions
from posts.features.webhooks.models import Webhook

#: The colours of the states.
STATES = {"Active": "success", "Failing": "warning", "Off": "", "Disabled": "danger"}
#: A list has no room for more of an address; the page has all of it.
LISTED_CHARS = 48
#: How many deliveries the page of a webhook lists.
NEWEST = 20


class WebhookStateFilter(DropdownFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("failing", "Failing"),
            ("disabled", "Disabled because it failed"),
            ("off", "Off"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = {
            "failing": Q(is_active=True, consecutive_failures__gt=0),
            "disabled": Q(auto_disabled_at__isnull=False),
            "off": Q(is_active=False),
        }.get(self.value() or "")
        return queryset.filter(wanted) if wanted else queryset


@admin.register(Webhook)
class WebhookAdmin(BoundedList, SearchByNames, ReadOnlyAdmin):
    list_display = (
        "shown_address",
        "workspace",
        "shown_state",
        "failures",
        "last_success_at",
        "last_failure_at",
    )
    list_filter = (WebhookStateFilter, ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    key = Key("created_at")
    ordering = key.order
    hidden = ("secret", "previous_secret")
    search_help_text = "Id, name, or part of its address"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "address",
                    "shown_state",
                    "failures",
                    "workspace",
                    "name",
                    "description",
                    "shown_events",
                    "id_form",
                    "all_deliveries",
                )
            },
        ),
        (
            "Times",
            {
                "fields": (
                    "last_success_at",
                    "last_failure_at",
                    rendering.moment("last_delivery_at", "Last attempt"),
                    rendering.moment("auto_disabled_at", "Switched off by failures"),
                    rendering.moment("previous_secret_until", "Old secret signs until"),
                    "created_at",
                    rendering.moment("updated_at", "Changed by the customer"),
                )
            },
        ),
    )
    actions = ("send_test", "recover", "switch_on", "switch_off", "rotate")
    change_form_outer_before_template = "posts/admin/webhooks/buttons.html"
    change_form_outer_after_template = "posts/admin/webhooks/deliveries.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        webhook = self.get_object(request, object_id or "")
        rows = log.Deliveries(webhook).page(NEWEST, 0) if webhook else []
        context = {"deliveries": rows, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    @display(description="Address")
    def address(self, webhook: Webhook) -> SafeString:
        return format_html('<span class="dovecote-text">{}</span>', webhook.url)

    @display(description="Webhook")
    def shown_address(self, webhook: Webhook) -> SafeString:
        under = webhook.name or str(webhook.pk)
        return rendering.text(Truncator(webhook.url).chars(LISTED_CHARS), under)

    @display(description="Failures in a row")
    def failures(self, webhook: Webhook) -> int:
        return webhook.consecutive_failures

    @display(description="State")
    def shown_state(self, webhook: Webhook) -> SafeString | str:
        return rendering.label(state(webhook), STATES)

    @display(description="Events")
    def shown_events(self, webhook: Webhook) -> str:
        return ", ".join(webhook.events)

    @display(description="Deliveries")
    def all_deliveries(self, webhook: Webhook) -> SafeString:
        page = reverse("admin:posts_webhookdelivery_changelist")
        return format_html(
            '<a class="dovecote-link" href="{}?webhook__id__exact={}">All its deliveries</a>',
            page,
            webhook.pk,
        )

    @admin.action(description="Send a test", permissions=["operate"])
    def send_test(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> HttpResponse | None:
        return actions.send_test(self, request, chosen)

    @admin.action(description="Deliver what it missed", permissions=["operate"])
    def recover(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> HttpResponse | None:
        return actions.recover(self, request, chosen)

    @admin.action(description="Switch on", permissions=["operate"])
    def switch_on(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> HttpResponse | None:
        return actions.switch(self, request, chosen, is_active=True)

    @admin.action(description="Switch off", permissions=["operate"])
    def switch_off(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> HttpResponse | None:
        return actions.switch(self, request, chosen, is_active=False)

    @admin.action(description="Rotate the secret", permissions=["operate"])
    def rotate(self, request: HttpRequest, chosen: QuerySet[Webhook]) -> HttpResponse | None:
        return actions.rotate(self, request, chosen)


def state(webhook: Webhook) -> str:
    if webhook.auto_disabled_at:
        return "Disabled"
    if not webhook.is_active:
        return "Off"
    return "Failing" if webhook.consecutive_failures else "Active"
