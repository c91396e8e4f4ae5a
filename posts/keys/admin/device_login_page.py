"""The page on which an operator compares a terminal's code and gives it a key, or none."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from destinations.runtime import clock
from posts import rate_windows
from posts.errors import RequestRefused
from posts.keys import device_logins, keys, rate_limits
from posts.keys.admin import new_keys
from posts.models import ApiKey, DeviceLogin

#: How often an operator may enter a code.
CODES = rate_windows.parse("20/min")
#: How long a key lives unless the operator says otherwise.
KEY_LIFE = timedelta(days=90)
FIELDS = ("workspace", "name", "scopes", "expires_at", "accounts")
UNKNOWN = "No login waits under this code. Codes work for 15 minutes, and once."


class CodeForm(forms.Form):
    user_code = forms.CharField(
        label="Code",
        max_length=50,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}
        ),
        help_text="Eight letters, as your terminal shows them.",
    )


class GrantForm(new_keys.NewKeyForm):
    """What the key may do. Nothing is made yet."""

    def _post_clean(self) -> None:
        if self.errors:
            return
        try:
            keys.check(**self.cleaned_data)
            keys.check_room(self.cleaned_data["workspace"].pk)
        except RequestRefused as refused:
            for field, message in new_keys.problems(refused):
                self.add_error(field, message)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask for the code; then for what the key may do; then record what the operator says."""
    if not request.user.has_perm("posts.add_apikey"):
        raise PermissionDenied
    asked = CodeForm(request.POST if request.method == "POST" else request.GET or None)
    login = _find(request, asked)
    if login is None:
        return _page(request, site, "code", "Log in a terminal", form=asked)
    # Django's types do not know that a form's class may be given.
    key_admin: Any = site._registry[ApiKey]
    form_class = key_admin.get_form(request, None, form=GrantForm, fields=FIELDS)
    is_sent = "grant" in request.POST
    form = form_class(request.POST) if is_sent else form_class(initial=_initial(login))
    try:
        if "deny" in request.POST:
            device_logins.deny(login, request.user)  # type: ignore[arg-type]
            return _done(request, site, login, "Denied", f"Denied by operator:{request.user}")
        if is_sent and form.is_valid():
            device_logins.authorize(login, request.user, form.cleaned_data)  # type: ignore[arg-type]
            said = f"Allowed a key of {form.cleaned_data['workspace']} by operator:{request.user}"
            return _done(request, site, login, "Allowed", said)
    except RequestRefused as refused:
        asked.add_error("user_code", refused.message)
        return _page(request, site, "code", "Log in a terminal", form=asked)
    code = device_logins.shown(asked.cleaned_data["user_code"])
    media = key_admin.media + form.media
    context = {"login": login, "code": code, "form": form, "media": media}
    return _page(request, site, "grant", f"Give “{login.client_name}” a key?", **context)


def _find(request: HttpRequest, asked: CodeForm) -> DeviceLogin | None:
    """The login under the code that was entered; the form says why there is none."""
    if not asked.is_bound or not asked.is_valid():
        return None
    tries = rate_limits.take_of(f"operator {request.user.pk}", "user_codes", CODES)
    if full := rate_limits.refusing(tries):
        asked.add_error("user_code", f"Too many codes; try again in {full.wait_seconds} s.")
        return None
    login = device_logins.find(asked.cleaned_data["user_code"])
    if login is None:
        asked.add_error("user_code", UNKNOWN)
    return login


def _initial(login: DeviceLogin) -> dict[str, Any]:
    return {"name": login.client_name, "expires_at": clock.now() + KEY_LIFE}


def _done(
    request: HttpRequest, site: AdminSite, login: DeviceLogin, title: str, said: str
) -> HttpResponse:
    history: ModelAdmin = site._registry[DeviceLogin]
    history.log_change(request, login, said)
    return _page(request, site, "done", title, login=login, is_denied=title == "Denied")


def _page(
    request: HttpRequest, site: AdminSite, name: str, title: str, **more: Any
) -> TemplateResponse:
    context = {**site.each_context(request), "title": title, **more}
    return TemplateResponse(request, f"posts/admin/device_login/{name}.html", context)
