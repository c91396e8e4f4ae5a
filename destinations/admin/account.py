from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import action

from destinations import pauses
from destinations.accounts import events, store
from destinations.accounts.oauth_apps import LoginNotConfigured
from destinations.admin import rendering
from destinations.admin.actions import bulk as actions
from destinations.admin.actions import confirmation, retry
from destinations.admin.actions import connect as admin_connect
from destinations.admin.actions.bulk import Each, One
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.ordering import Key
from destinations.admin.pauses import formatting
from destinations.admin.search import searches
from destinations.admin.search.searches import (
    Matches,
    Result,
    Search,
    SearchByNames,
    best,
    containing,
    is_name,
)
from destinations.admin.search.term import Term
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


def _change(
    fitting: Callable[[], Q], tell: Callable[[Account], None] | None = None, **fields: Any
) -> Callable[[Account, Mapping[str, Any]], bool]:
    """Return what changes an account that fits, and tells webhooks of it."""

    def change(account: Account, who: Mapping[str, Any]) -> bool:
        if not Account.objects.filter(fitting(), pk=account.pk).update(**fields):
            return False
        if tell:
            tell(account)
        return True

    return change


def _reconnect(
    admin: ModelAdmin, request: HttpRequest, account: Account, given: Mapping[str, Any]
) -> HttpResponse | None:
    try:
        return admin_connect.reconnect(admin, request, account)
    except LoginNotConfigured as why:
        return actions.refuse(admin, request, "", str(why))


def _by_id(rows: QuerySet[Account], term: Term, limit: int) -> Matches:
    own = list(rows.filter(pk=term.number)) if term.number is not None else []
    # Every network is named, because the index begins with it.
    theirs = rows.filter(platform__in=list(ADAPTERS), platform_account_id=term.text)
    found = best(theirs.exclude(pk__in=[row.pk for row in own]), limit, lambda row: row.pk)
    return Matches([*own, *found.rows], found.note)


def _by_name(rows: QuerySet[Account], term: Term, limit: int) -> Matches:
    """Find by handle or name; the same handle comes first, then the shortest."""
    wanted = term.handle
    same = wanted.casefold()

    def priority(row: Account) -> tuple[bool, int, str, int]:
        names = {row.username.casefold(), row.name.removeprefix("@").casefold()}
        return same not in names, len(row.name), row.name, row.pk

    return best(
        rows.filter(containing(wanted, "name", "username", "display_name")), limit, priority
    )


class AccountSearches(SearchByNames):
    searches = (
        Search(
            "Accounts by id",
            lambda term: term.is_one_word and not term.link and not term.keys,
            _by_id,
        ),
        Search("Accounts", is_name, _by_name, rank=1),
    )

    def result(self, row: Account) -> Result:
        names = dict.fromkeys((row.username, row.display_name))
        others = [name for name in names if name and name != row.name.removeprefix("@")]
        about = rendering.network(row.platform), row.workspace.name, f"account {row.pk}"
        return searches.result(
            row,
            row.name,
            *about,
            text=searches.listed(*others),
            status=rendering.label(health_of(row), HEALTH),
            at=row.connected_at,
        )


@admin.register(Account)
class AccountAdmin(AccountSearches, BoundedAdmin):
    """Credentials are neither shown nor loaded. Accounts change by reconnecting or by actions."""

    list_display = ("name", "network", "workspace", "health", "held_until")
    list_filter = (filters.HealthFilter, filters.PlatformFilter, filters.related("workspace"))
    list_select_related = ("workspace",)
    search_help_text = "Handle, name, or id"
    key = Key("pk")
    narrow_filters = {"workspace__id__exact": None, "health": ("reconnect", "held")}
    hidden = ("credentials", "refresh_claim")
    sections = {
        "": (
            ("name", "username", "platform"),
            ("health", "held_until", "needs_reconnection_since"),
            ("workspace", "login"),
            "platform_account_id",
            ("created_at", "connected_at"),
            "is_active",
        ),
        "Authorization": (
            ("token_expires_at", "token_refreshed_at"),
            ("is_refreshable", "refresh_expires_at"),
            "scopes",
        ),
    }
    change_form_outer_before_template = "destinations/admin/account_buttons.html"
    network = Column("Network", lambda account: ADAPTERS[account.platform].name)
    health = columns.label("Health", health_of, HEALTH)
    actions_list = ("connect",)
    actions = ("reconnect", "retry_missed", "release_hold", "mark_active", "mark_inactive")
    reconnect = One("Reconnect", _reconnect, noun="account")
    release_hold = Each(
        "Release hold",
        "released from their hold",
        _change(lambda: Q(held_until__gt=clock.now()), held_until=None),
    )
    mark_active = Each(
        "Mark as active",
        "active",
        _change(lambda: Q(is_active=False), events.switched_on, is_active=True),
        log="Marked as active",
    )
    mark_inactive = Each(
        "Mark as inactive",
        "inactive",
        _change(lambda: Q(is_active=True), events.switched_off, is_active=False),
        log="Marked as inactive",
    )

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        number = int(key) if key.isdecimal() else 0
        missed = store.missed(Account.objects.filter(pk=number)).count()
        return {"missed_count": missed, **self._pause(request, number)}

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
