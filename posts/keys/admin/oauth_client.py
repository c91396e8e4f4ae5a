"""The list of programs that registered by OAuth, and one of them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import display

from destinations.admin import confirmation, rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.keys import open_doors
from posts.keys.oauth import clients
from posts.models import OAuthClient

STATES = {"Connected": "success", "Never connected": "", "Revoked": "danger"}


@admin.register(OAuthClient)
class OAuthClientAdmin(BoundedList, ReadOnlyAdmin):
    list_display = ("name", "shown_state", "address", "created_at", "connected_at", "id")
    key = Key("created_at")
    ordering = key.order
    hidden = ("secret_hash",)
    list_before_template = "posts/admin/open_door.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "shown_state"),
                    ("id", "method"),
                    "shown_redirects",
                    ("created_at", "address"),
                    ("connected_at", "revoked_at"),
                )
            },
        ),
    )
    actions = ("revoke",)

    @property
    def room(self) -> str:
        return open_doors.said(
            clients.unused().count(), clients.MOST_UNUSED, "were never connected"
        )

    @display(description="State")
    def shown_state(self, client: OAuthClient) -> SafeString | str:
        if client.revoked_at:
            return rendering.label("Revoked", STATES)
        return rendering.label("Connected" if client.connected_at else "Never connected", STATES)

    @display(description="Redirect URIs")
    def shown_redirects(self, client: OAuthClient) -> str:
        return ", ".join(client.redirect_uris)

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[OAuthClient]) -> HttpResponse | None:
        """Ask, then end these clients and all that they were allowed."""
        every = list(chosen)
        if not confirmation.is_confirmed(request):
            return confirmation.ask(
                self,
                request,
                title="Revoke these programs permanently?",
                warning="Every connection of them ends within seconds, in all workspaces. To go on "
                "they must register anew and be connected by an operator.",
                button="Revoke",
                rows=[confirmation.ConfirmationRow(str(each.pk), str(each)) for each in every],
            )
        ended = [each for each in every if clients.revoke(each)]
        for each in ended:
            self.log_change(request, each, f"Revoked by operator:{request.user}")
        left = len(every) - len(ended)
        level = messages.WARNING if left else messages.SUCCESS
        self.message_user(request, f"{len(ended)} revoked, {left} unchanged.", level)
        return None
