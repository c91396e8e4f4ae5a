from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from destinations.accounts import store
from destinations.accounts.oauth_apps import LoginNotConfigured
from destinations.admin import confirmation, rendering, retry
from destinations.admin import connect as admin_connect
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.filters import HealthFilter, PlatformFilter
from destinations.models import Account
from destinations.runtime import clock

#: The values of `_health`, and their colours.
HEALTH = {
    "Reconnect": "danger",
    "Token expired": "danger",
    "Inactive": "warning",
    "Held": "warning",
    "Healthy": "success",
}


def _health(account: Account) -> str:
    if account.needs_reconnection_since:
        return "Reconnect"
    if not account.is_active:
        return "Inactive"
    now = clock.now()
    if account.token_expires_at and account.token_expires_at <= now:
        return "Token expired"
    return "Held" if account.held_until and account.held_until > now else "Healthy"


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Credentials are neither shown nor loaded. Accounts change by reconnecting or by actions."""

    list_display = ("name", "platform", "workspace", "health", "held_until")
    list_filter = (HealthFilter, PlatformFilter, ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    search_fields = ("name", "username", "platform_account_id")
    ordering = ("-pk",)
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
        context = {"missed_count": missed, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

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

    @display(description="Health")
    def health(self, account: Account) -> SafeString | str:
        return rendering.label(_health(account), HEALTH)

    @admin.action(description="Release hold", permissions=["operate"])
    def release_hold(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        held = chosen.filter(held_until__gt=clock.now())
        self._change(request, chosen, held, "released from their hold", held_until=None)

    @admin.action(description="Mark as active", permissions=["operate"])
    def mark_active(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        self._change(request, chosen, chosen.filter(is_active=False), "active", is_active=True)

    @admin.action(description="Mark as inactive", permissions=["operate"])
    def mark_inactive(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        self._change(request, chosen, chosen.filter(is_active=True), "inactive", is_active=False)

    def _change(
        self,
        request: HttpRequest,
        chosen: QuerySet[Account],
        fitting: QuerySet[Account],
        what: str,
        **fields: object,
    ) -> None:
        """Change the fitting ones, log each in the admin, and report how many changed."""
        total = chosen.count()
        with transaction.atomic():
            accounts = list(fitting.select_for_update(of=("self",)))
            changed = Account.objects.filter(pk__in=[a.pk for a in accounts]).update(**fields)
            for account in accounts:
                self.log_change(request, account, f"{what}, by operator:{request.user}")
        level = messages.WARNING if changed < total else messages.SUCCESS
        self.message_user(request, f"{changed} {what}, {total - changed} left as they were.", level)
