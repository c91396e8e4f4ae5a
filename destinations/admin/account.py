from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import labels
from destinations.admin.filters import HealthFilter, PlatformFilter
from destinations.admin.readonly import ReadOnlyAdmin
from destinations.models import Account

#: The words of `_health`, and their colours.
HEALTH = {"Reconnect": "danger", "Inactive": "warning", "Held": "warning", "Healthy": "success"}


def _health(account: Account) -> str:
    if account.needs_reconnection_since:
        return "Reconnect"
    if not account.is_active:
        return "Inactive"
    is_held = account.held_until and account.held_until > timezone.now()
    return "Held" if is_held else "Healthy"


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Credentials are neither shown nor loaded. Accounts change by reconnecting or by an action."""

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
                    ("workspace", "platform_account_id"),
                    ("is_active", "token_expires_at", "created_at"),
                    "scopes",
                )
            },
        ),
    )
    actions = ("release_hold", "mark_active", "mark_inactive")

    @display(description="Health")
    def health(self, account: Account) -> SafeString | str:
        return labels.label(_health(account), HEALTH)

    @admin.action(description="Release hold", permissions=["operate"])
    def release_hold(self, request: HttpRequest, chosen: QuerySet[Account]) -> None:
        held = chosen.filter(held_until__gt=timezone.now())
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
        """Change those that fit, keep it in the admin's log, tell how many did and did not."""
        total = chosen.count()
        with transaction.atomic():
            accounts = list(fitting.select_for_update(of=("self",)))
            changed = Account.objects.filter(pk__in=[a.pk for a in accounts]).update(**fields)
            for account in accounts:
                self.log_change(request, account, f"{what}, by operator:{request.user}")
        level = messages.WARNING if changed < total else messages.SUCCESS
        self.message_user(request, f"{changed} {what}, {total - changed} left as they were.", level)
