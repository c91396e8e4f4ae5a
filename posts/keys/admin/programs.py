"""The lists of programs that ask operators for keys, and of what each was allowed."""

from django.contrib import admin

from destinations.admin import rendering
from destinations.admin.actions.bulk import Each, Question
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, filters
from destinations.admin.lists.columns import Column
from posts.keys import page_links
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
LAST_USED = rendering.moment("last_used_at", "Last used")


def _accounts(row: DeviceLogin | OAuthGrant) -> str:
    if not row.workspace_id:
        return "-"
    return ", ".join(map(str, row.account_ids)) or "all accounts of the workspace"


def _client_state(client: OAuthClient) -> str:
    if client.revoked_at:
        return "Revoked"
    return "Connected" if client.connected_at else "Never connected"


class _Allowed(BoundedAdmin):
    shown_key = columns.row("API key", "posts_apikey", lambda row: row.api_key)
    shown_scopes = Column("Scopes", lambda row: ", ".join(row.scopes) or "-")
    shown_accounts = Column("Accounts", _accounts)


@admin.register(DeviceLogin)
class DeviceLoginAdmin(_Allowed):
    list_display = ("program", "shown_state", "address", "created_at", "decided_by", "shown_key")
    list_select_related = ("decided_by", "api_key", "workspace")
    list_filter = (filters.choice("state"),)
    hidden = ("device_hash", "user_code_hash")
    list_before_template = "posts/admin/open_door.html"
    sections = {
        "": (
            ("program", "shown_state"),
            "address",
            "created_at",
            rendering.moment("expires_at", "Code works until"),
            rendering.moment("polled_at", "Program last asked"),
            "decided_by",
            "decided_at",
        ),
        "The key that was allowed": (
            ("workspace", "name"),
            ("shown_scopes", "shown_accounts"),
            "key_expires_at",
            "shown_key",
        ),
    }
    program = Column("Program", lambda login: login.client_name)
    shown_state = columns.choice("state", STATES, "State")

    @property
    def room(self) -> str:
        waiting = device_logins.pending().count()
        return limits.describe_room(waiting, device_logins.MOST_PENDING, "wait for an operator")


@admin.register(OAuthClient)
class OAuthClientAdmin(BoundedAdmin):
    list_display = ("name", "shown_state", "address", "created_at", "connected_at", "id")
    hidden = ("secret_hash",)
    list_before_template = "posts/admin/open_door.html"
    sections = {
        "": (
            ("name", "shown_state"),
            ("id", "method"),
            "shown_redirects",
            ("created_at", "address"),
            ("connected_at", "revoked_at"),
        ),
    }
    shown_state = columns.label("State", _client_state, STATES)
    shown_redirects = Column("Redirect URIs", lambda client: ", ".join(client.redirect_uris))
    actions = ("revoke",)
    revoke = Each(
        "Revoke",
        "revoked",
        lambda client, who: clients.revoke(client),
        left="unchanged",
        ask=Question(
            "Revoke these programs permanently?",
            "Every connection of them ends within seconds, in all workspaces. To go on they must "
            "register anew and be connected by an operator.",
            "Revoke",
        ),
    )

    @property
    def room(self) -> str:
        count = clients.unused().count()
        return limits.describe_room(count, clients.MOST_UNUSED, "were never connected")


@admin.register(OAuthGrant)
class OAuthGrantAdmin(_Allowed):
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
    list_filter = (filters.related("workspace"),)
    hidden = ("code_hash", "challenge")
    sections = {
        "": (
            ("program", "shown_state"),
            ("workspace", "shown_key"),
            ("shown_scopes", "shown_accounts"),
            ("operator", "created_at"),
            ("answered_at", "resource"),
            ("last_used", "ended_because"),
            "requests",
        ),
    }
    program = Column("Program", lambda grant: grant.client.name)
    shown_state = columns.label("State", lambda grant: grant.state, STATES)
    last_used = Column(
        "Last used", lambda grant: LAST_USED(grant.api_key) if grant.api_key else "-"
    )
    answered_at = Column("Answered at", lambda grant: redirects.shown(grant.redirect_uri))
    requests = Column(
        "Log", lambda grant: page_links.of_key(grant.api_key) if grant.api_key else "-"
    )
    actions = ("revoke",)
    revoke = Each(
        "Revoke",
        "revoked",
        lambda grant, who: tokens.end(grant, f"{who['by']} revoked it"),
        left="unchanged",
        ask=Question(
            "Revoke these connections permanently?",
            "Within seconds the programs are refused. To go on they must be connected anew, by an "
            "operator.",
            "Revoke",
        ),
    )
