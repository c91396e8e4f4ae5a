"""The list of logins from terminals, and one of them."""

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.keys import device_logins, open_doors
from posts.models import DeviceLogin

#: The colours of the states.
STATES = {"Pending": "info", "Authorized": "warning", "Used": "success", "Denied": "danger"}


@admin.register(DeviceLogin)
class DeviceLoginAdmin(BoundedList, ReadOnlyAdmin):
    list_display = ("program", "shown_state", "address", "created_at", "decided_by", "shown_key")
    list_select_related = ("decided_by", "api_key", "workspace")
    list_filter = (("state", ChoicesDropdownFilter),)
    key = Key("created_at")
    ordering = key.order
    hidden = ("device_hash", "user_code_hash")
    list_before_template = "posts/admin/open_door.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("program", "shown_state"),
                    "address",
                    "created_at",
                    rendering.moment("expires_at", "Code works until"),
                    rendering.moment("polled_at", "Program last asked"),
                    "decided_by",
                    "decided_at",
                )
            },
        ),
        (
            "The key that was allowed",
            {
                "fields": (
                    ("workspace", "name"),
                    ("shown_scopes", "shown_accounts"),
                    "key_expires_at",
                    "shown_key",
                )
            },
        ),
    )

    @property
    def room(self) -> str:
        waiting = device_logins.pending().count()
        return open_doors.said(waiting, device_logins.MOST_PENDING, "wait for an operator")

    @display(description="Program")
    def program(self, login: DeviceLogin) -> str:
        return login.client_name

    @display(description="API key")
    def shown_key(self, login: DeviceLogin) -> SafeString | str:
        key = login.api_key
        return rendering.inside("posts_apikey", key.pk, str(key)) if key else "-"

    @display(description="Scopes")
    def shown_scopes(self, login: DeviceLogin) -> str:
        return ", ".join(login.scopes) or "-"

    @display(description="State")
    def shown_state(self, login: DeviceLogin) -> SafeString | str:
        return rendering.label(login.get_state_display(), STATES)

    @display(description="Accounts")
    def shown_accounts(self, login: DeviceLogin) -> str:
        if not login.workspace_id:
            return "-"
        return ", ".join(map(str, login.account_ids)) or "all accounts of the workspace"
