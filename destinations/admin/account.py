from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from destinations.admin.filters import HealthFilter, PlatformFilter
from destinations.admin.readonly import ReadOnlyAdmin
from destinations.models import Account


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Credentials are neither shown nor loaded. Accounts change by reconnecting or by an action."""

    list_display = ("name", "platform", "workspace", "health", "held_until")
    list_filter = (HealthFilter, PlatformFilter, "workspace")
    list_select_related = ("workspace",)
    search_fields = ("name", "username", "platform_account_id")
    ordering = ("-pk",)
    exclude = ("credentials",)
    actions = ("release_hold", "mark_active", "mark_inactive")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        rows: QuerySet[Account] = super().get_queryset(request)
        return rows.defer("credentials")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Actions change accounts, so they need the right to, not only to look."""
        return request.user.has_perm("destinations.change_account")

    @display(
        description="Health",
        label={
            "Reconnect": "danger",
            "Inactive": "warning",
            "Held": "warning",
            "Healthy": "success",
        },
    )
    def health(self, account: Account) -> str:
        if account.needs_reconnection_since:
            return "Reconnect"
        if not account.is_active:
            return "Inactive"
        is_held = account.held_until and account.held_until > timezone.now()
        return "Held" if is_held else "Healthy"

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
        accounts = list(fitting.select_for_update(of=("self",)))
        changed = Account.objects.filter(pk__in=[a.pk for a in accounts]).update(**fields)
        for account in accounts:
            self.log_change(request, account, f"{what}, by operator:{request.user}")
        level = messages.WARNING if changed < total else messages.SUCCESS
        self.message_user(request, f"{changed} {what}, {total - changed} left as they were.", level)
