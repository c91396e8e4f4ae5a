"""The list of connected agents, and one of them: what it may do, who allowed it, and its end."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import confirmation, rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.keys import page_links
from posts.keys.oauth import redirects, tokens
from posts.models import OAuthGrant

#: The colours of OAuthGrant.state.
STATES = {"Active": "success", "Expired": "warning", "Revoked": "danger"}


@admin.register(OAuthGrant)
class OAuthGrantAdmin(BoundedList, ReadOnlyAdmin):
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
    key = Key("created_at")
    ordering = key.order
    hidden = ("code_hash", "challenge")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("program", "shown_state"),
                    ("workspace", "shown_key"),
                    ("shown_scopes", "shown_accounts"),
                    ("operator", "created_at"),
                    ("answered_at", "resource"),
                    ("last_used", "ended_because"),
                    "requests",
                )
            },
        ),
    )
    actions = ("revoke",)

    @display(description="Program")
    def program(self, grant: OAuthGrant) -> str:
        return grant.client.name

    @display(description="State")
    def shown_state(self, grant: OAuthGrant) -> SafeString | str:
        return rendering.label(grant.state, STATES)

    @display(description="API key")
    def shown_key(self, grant: OAuthGrant) -> SafeString | str:
        key = grant.api_key
        return rendering.inside("posts_apikey", key.pk, str(key)) if key else "-"

    @display(description="Scopes")
    def shown_scopes(self, grant: OAuthGrant) -> str:
        return ", ".join(grant.scopes)

    @display(description="Accounts")
    def shown_accounts(self, grant: OAuthGrant) -> str:
        return ", ".join(map(str, grant.account_ids)) or "all accounts of the workspace"

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
        grants = list(chosen.select_related("client", "api_key", "workspace"))
        if not confirmation.is_confirmed(request):
            return confirmation.ask(
                self,
                request,
                title="Revoke these connections permanently?",
                warning="Within seconds the programs are refused. To go on they must be "
                "connected anew, by an operator.",
                button="Revoke",
                rows=[confirmation.ConfirmationRow(str(each.pk), str(each)) for each in grants],
            )
        ended = [each for each in grants if tokens.end(each, f"operator:{request.user} revoked it")]
        for each in ended:
            self.log_change(request, each, f"Revoked by operator:{request.user}")
        left = len(grants) - len(ended)
        level = messages.WARNING if left else messages.SUCCESS
        self.message_user(request, f"{len(ended)} revoked, {left} unchanged.", level)
        return None
