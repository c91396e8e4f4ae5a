"""The lists of programs that ask operators for keys, and of what each was allowed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.keys import page_links
from posts.keys.admin import key_actions
from posts.keys.oauth import clients, device_logins, limits, redirects, tokens
from posts.models import DeviceLogin, OAuthClient, OAuthGrant

#: The colours of all states.
STATES = {
    "Active": "success",
    "Authorized": "warning",
    "Connected": "success",
    "Denied": "danger",
    "Expired": "warning",
    "Never connected": "",
    "Pending": "info",
    "Revoked": "danger",
    "Used": "success",
}


class _Programs(BoundedList, ReadOnlyAdmin):
    key = Key("created_at")
    ordering = key.order

    @display(description="State")
    def shown_state(self, row: Any) -> SafeString | str:
        return rendering.label(self._state(row), STATES)

    def _state(self, row: Any) -> str:
        return str(row.state)

    @display(description="API key")
    def shown_key(self, row: DeviceLogin | OAuthGrant) -> SafeString | str:
        key = row.api_key
        return rendering.inside("posts_apikey", key.pk, str(key)) if key else "-"

    @display(description="Scopes")
    def shown_scopes(self, row: DeviceLogin | OAuthGrant) -> str:
        return ", ".join(row.scopes) or "-"

    @display(description="Accounts")
    def shown_accounts(self, row: DeviceLogin | OAuthGrant) -> str:
        if not row.workspace_id:
            return "-"
        return ", ".join(map(str, row.account_ids)) or "all accounts of the workspace"


@admin.register(DeviceLogin)
class DeviceLoginAdmin(_Programs):
    list_display = ("program", "shown_state", "address", "created_at", "decided_by", "shown_key")
    list_select_related = ("decided_by", "api_key", "workspace")
    list_filter = (("state", ChoicesDropdownFilter),)
    hidden = ("device_hash", "user_code_hash")
    list_before_template = "posts/admin/open_door.html"
    asked = (
        ("program", "shown_state"),
        "address",
        "created_at",
        rendering.moment("expires_at", "Code works until"),
        rendering.moment("polled_at", "Program last asked"),
        "decided_by",
        "decided_at",
    )
    allowed = (
        ("workspace", "name"),
        ("shown_scopes", "shown_accounts"),
        "key_expires_at",
        "shown_key",
    )
    fieldsets = ((None, {"fields": asked}), ("The key that was allowed", {"fields": allowed}))

    @property
    def room(self) -> str:
        waiting = device_logins.pending().count()
        return limits.describe_room(waiting, device_logins.MOST_PENDING, "wait for an operator")

    @display(description="Program")
    def program(self, login: DeviceLogin) -> str:
        return login.client_name

    def _state(self, login: DeviceLogin) -> str:
        return login.get_state_display()


@admin.register(OAuthClient)
class OAuthClientAdmin(_Programs):
    list_display = ("name", "shown_state", "address", "created_at", "connected_at", "id")
    hidden = ("secret_hash",)
    list_before_template = "posts/admin/open_door.html"
    facts = (
        ("name", "shown_state"),
        ("id", "method"),
        "shown_redirects",
        ("created_at", "address"),
        ("connected_at", "revoked_at"),
    )
    fieldsets = ((None, {"fields": facts}),)
    actions = ("revoke",)

    @property
    def room(self) -> str:
        count = clients.unused().count()
        return limits.describe_room(count, clients.MOST_UNUSED, "were never connected")

    def _state(self, client: OAuthClient) -> str:
        if client.revoked_at:
            return "Revoked"
        return "Connected" if client.connected_at else "Never connected"

    @display(description="Redirect URIs")
    def shown_redirects(self, client: OAuthClient) -> str:
        return ", ".join(client.redirect_uris)

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[OAuthClient]) -> HttpResponse | None:
        """Ask, then end these clients and all that they were allowed."""
        return key_actions.revoke(
            self,
            request,
            chosen,
            clients.revoke,
            title="Revoke these programs permanently?",
            warning="Every connection of them ends within seconds, in all workspaces. To go on "
            "they must register anew and be connected by an operator.",
        )


@admin.register(OAuthGrant)
class OAuthGrantAdmin(_Programs):
    list_display = (
        "program",
        "shown_state",
        "workspace",
        "shown_scopes",
        "operator",
        "last_used",
        "created_at",
    )
    list_select_related = ("client", "api_key", "workspace", "operator")
    list_filter = (("workspace", AutocompleteSelectFilter),)
    hidden = ("code_hash", "challenge")
    facts = (
        ("program", "shown_state"),
        ("workspace", "shown_key"),
        ("shown_scopes", "shown_accounts"),
        ("operator", "created_at"),
        ("answered_at", "resource"),
        ("last_used", "ended_because"),
        "requests",
    )
    fieldsets = ((None, {"fields": facts}),)
    actions = ("revoke",)

    @display(description="Program")
    def program(self, grant: OAuthGrant) -> str:
        return grant.client.name

    @display(description="Last used")
    def last_used(self, grant: OAuthGrant) -> SafeString | str:
        key = grant.api_key
        return rendering.moment("last_used_at", "Last used")(key) if key else "-"

    @display(description="Answered at")
    def answered_at(self, grant: OAuthGrant) -> str:
        return redirects.shown(grant.redirect_uri)

    @display(description="Log")
    def requests(self, grant: OAuthGrant) -> SafeString | str:
        return page_links.of_key(grant.api_key) if grant.api_key else "-"

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[OAuthGrant]) -> HttpResponse | None:
        """Ask, then end these connections for good."""
        return key_actions.revoke(
            self,
            request,
            chosen.select_related("client", "api_key", "workspace"),
            lambda grant: tokens.end(grant, f"operator:{request.user} revoked it"),
            title="Revoke these connections permanently?",
            warning="Within seconds the programs are refused. To go on they must be "
            "connected anew, by an operator.",
        )
