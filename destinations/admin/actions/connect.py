"""Connect and reconnect links, made by an operator for the owner of an account.

A link is shown once, in the response to the form that made it. It is never put into a session, a
cookie or a message.
"""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget

from destinations.accounts import links, oauth_apps
from destinations.admin.base import author, page
from destinations.models import Account, Connection
from platforms.registry import ADAPTERS


class ConnectForm(forms.Form):
    workspace: Any = forms.ModelChoiceField(queryset=None, widget=UnfoldAdminSelectWidget)
    login = forms.ChoiceField(
        label="Platform",
        widget=UnfoldAdminSelectWidget,
        help_text="Listed once its app is configured, for example X_CLIENT_ID and X_CLIENT_SECRET; "
        "those that are connected by a form need none.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Workspaces belong to posts, which imports us.
        tenant: type[Model] = Account._meta.get_field("workspace").remote_field.model
        self.fields["workspace"].queryset = tenant._default_manager.order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["login"].choices = _choices()  # type: ignore[attr-defined]


def _choices() -> list[tuple[str, str]]:
    """(platform/login, label) of each login that is set up here."""
    found = []
    for login in oauth_apps.all_logins():
        if login.app:
            name = ADAPTERS[login.platform].name
            several = len(ADAPTERS[login.platform].logins) > 1
            label = f"{name}, by {login.name} login" if several else name
            found.append((f"{login.platform}/{login.name}", label))
    return found


def connect(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Ask for the workspace and platform, then show the link."""
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        platform, _, login = form.cleaned_data["login"].partition("/")
        workspace = form.cleaned_data["workspace"]
        made = links.create_link(workspace.pk, platform, login, **author(request))
        name = ADAPTERS[platform].name
        return _show(admin, request, f"Connect {name} to {workspace}", *made)
    template = "destinations/admin/connect.html"
    return page(admin, request, template, "Connect account", form=form)


def reconnect(admin: ModelAdmin, request: HttpRequest, account: Account) -> HttpResponse:
    """Show a link that repairs the account. Raises LoginNotConfigured."""
    valid = links.RECONNECT_TIME
    made = links.create_reconnect_link(account, **author(request), valid=valid)
    admin.log_change(request, account, "Link to reconnect")
    return _show(admin, request, f"Reconnect {account}", *made)


def _show(
    admin: ModelAdmin, request: HttpRequest, title: str, connection: Connection, url: str
) -> HttpResponse:
    template = "destinations/admin/link.html"
    return page(admin, request, template, title, connection=connection, url=url)
