from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from destinations import pauses
from destinations.accounts import events, store
from destinations.accounts.oauth_apps import LoginNotConfigured
from destinations.admin import confirmation, rendering, retry
from destinations.admin import connect as admin_connect
from destinations.admin.base import ReadOnlyAdmin, SearchByNames
from destinations.admin.filters import HealthFilter, PlatformFilter
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from destinations.admin.pauses import formatting
from destinations.models import Account, Pause
from destinations.runtime import clock
from platforms.registry import ADAPTERS

Scope = Pause.Scope
#: The values of `health_of`, and their colours.
HEALTH = {
    "Reconnect": "danger",
    "Token expired": "danger",
    "Inactive": "warning",
    "Held": "warning",
    "Healthy": "success",
}


def health_of(account: Account) -> str:
    if account.needs_reconnection_since:
        return "Reconnect"
    if not account.is_active:
        return "Inactive"
    now = clock.now()
    if account.token_expires_at and account.token_expires_at <= now:
        return "Token expired"
    return "Held" if account.held_until and account.held_until > now else "Healthy"


@admin.register(Account)
class AccountAdmin(BoundedList, SearchByNames, ReadOnlyAdmin):
    """Credentials are neither shown nor loaded. Accounts change by reconnecting or by actions."""

    list_display = ("name", "network", "workspace", "health", "held_until")
    list_filter = (HealthFilter, PlatformFilter, ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    search_help_text = "Handle, name, or id"
    key = Key("pk")
    ordering = key.order
    narrow_filters = {"workspace__id__exact": None, "health": ("reconnect", "held")}
    hidden = ("credentials",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "username", "platform"),
                    ("health", "held_until", "needs_reconnection_since"),
                    ("workspace", "login"),
                    "platform_account_id",
                    ("created_at", "connected_at"),
                    "is_active",
                )
            },
        ),
        (
            "Authorization",
            {
                "fields": (
                    ("token_expires_at", "token_refreshed_at"),
                    ("is_refreshable", "refresh_expires_at"),
                    "scopes",
                )
            },
        ),
    )
    actions = ("reconnect", "retry_missed", "release_hold", "mark_active", "mark_inactive")
    actions_list = ("connect",)
    change_form_outer_before_template = "destinations/admin/account_buttons.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        number = int(object_id) if object_id and object_id.isdecimal() else 0
        missed = store.missed(Account.objects.filter(pk=number)).count()
        context = {
            "missed_count": missed,
            **self._pause(request, number),
            **(extra_context or {}),
        }
        return super().changeform_view(request, object_id, form_url, context)

    def _pause(self, request: HttpRequest, number: int) -> dict[str, Any]:
        account = Account.objects.filter(pk=number).only("platform", "workspace").first()
        if account is None:
            return {}
        target = account.platform, account.workspace_id, number
        pause = pauses.covering(pauses.active(), *target)
        return formatting.of_page(request, Scope.ACCOUNT, number, pause)

    @action(description="Connect account", url_path="connect", permissions=["operate"])
    def connect(self, request: HttpRequest) -> HttpResponse:
        return admin_connect.connect(self, request)

    @admin.action(description="Reconnect", permissions=["operate"])
    def reconnect(self, request: HttpRequest, chosen: QuerySet[Account]) -> HttpResponse | None:
        found = list(chosen[:2])
        if len(found) != 1:
            self.message_user(
                request, "Choose one account: a link is for one account.", messages.ERROR
            )
            return None
        try:
            return admin_connect.reconnect(self, request, found[0])
        except LoginNotConfigured as why:
            self.message_user(request, str(why), messages.ERROR)
            return confirmation.back(self, request)

    @admin.action(description="Retry what failed while disconnected", permissions=["operate"])
    def retry_missed(self, request: HttpRequest, chosen: QuerySet[Account]) -> HttpResponse | None:
        able = [account for account in chosen if account.can_post]
        unable = chosen.count() - len(able)
        ids = store.missed(able).values_list("pk", flat=True)
        retry.retry(self, request, ids)
        if unable:
            warning = f"{unable} still cannot be posted to: reconnect them first."
            self.message_user(request, warning, messages.WARNING)
        return confirmation.back(self, request)

    @display(description="Network")
    def network(self, account: Account) -> str:
        return ADAPTERS[account.platform].name

    @display(description="Health")
    def health(self, account: Account) -> SafeString | str:
        return rendering.label(health_of(account), HEALTH)

    @admin.action(description="Release hold", permissions=["operate"])
    def release_hold(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        held = chosen.filter(held_until__gt=clock.now())
        self._change(request, chosen, held, "released from their hold", held_until=None)

    @admin.action(description="Mark as active", permissions=["operate"])
    def mark_active(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        fitting = chosen.filter(is_active=False)
        self._change(request, chosen, fitting, "active", tell=events.switched_on, is_active=True)

    @admin.action(description="Mark as inactive", permissions=["operate"])
    def mark_inactive(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        fitting = chosen.filter(is_active=True)
        self._change(
            request, chosen, fitting, "inactive", tell=events.switched_off, is_active=False
        )

    def _change(
        self,
        request: HttpRequest,
        chosen: QuerySet[Account],
        fitting: QuerySet[Account],
        what: str,
        tell: Callable[[Account], None] | None = None,
        **fields: object,
    ) -> None:
        """Change the fitting ones, log each in the admin, and report how many changed.

        `tell`: what webhooks are told of each.
        """
        total = chosen.count()
        with transaction.atomic():
            accounts = list(fitting.select_for_update(of=("self",)))
            changed = Account.objects.filter(pk__in=[a.pk for a in accounts]).update(**fields)
            for account in accounts:
                if tell:
                    tell(account)
                self.log_change(request, account, f"{what}, by operator:{request.user}")
        level = messages.WARNING if changed < total else messages.SUCCESS
        self.message_user(request, f"{changed} {what}, {total - changed} left as they were.", level)
