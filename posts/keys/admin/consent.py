"""The pages on which an operator gives a program a key of a workspace, or none.

A program leads a browser to the one with an OAuth request, which is read anew from the address at
each step, so nothing that it says is remembered or taken from the form. A terminal shows a code for
the other, and the operator compares it.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextInputWidget,
)

from destinations.runtime import clock
from destinations.wording import quoted
from posts import rate_windows
from posts.errors import RequestRefused
from posts.keys import rate_limits
from posts.keys.admin import key_actions
from posts.keys.oauth import authorization_request, device_logins, grants, redirects, tokens
from posts.keys.oauth.authorization_request import (
    AuthorizationRequest,
    CannotReturn,
    RequestedAccess,
)
from posts.keys.oauth.consents import PERMISSION
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.models import ApiKey, DeviceLogin, Workspace

#: What a scope allows, in the operator's words.
SCOPES = {
    "read": "Read posts, accounts, files and figures",
    "write": "Create, change, publish and delete posts and files",
    "ai": "Have captions written and images drawn, which costs AI credits",
    "approve": "Approve posts that others wrote",
}
#: How often an operator may enter a code.
CODES = rate_windows.parse("20/min")
#: How long a terminal's key lives unless the operator says otherwise.
KEY_LIFE = timedelta(days=90)
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


class ConsentForm(key_actions.NewKeyForm):
    """What the program may do. Nothing is made yet."""

    def offer(self, wanted: RequestedAccess) -> None:
        """Only what the program asks for, all of it chosen."""
        scopes: Any = self.fields["scopes"]
        scopes.widget = UnfoldAdminCheckboxSelectMultipleWidget()
        scopes.choices = [(scope, SCOPES.get(scope, scope)) for scope in wanted.scopes]
        scopes.initial = list(wanted.scopes)
        scopes.label = "What it may do"
        scopes.help_text = "The program asks for all of these. Take away what it does not need."
        self.fields["accounts"].label = "Only these accounts"

    def _post_clean(self) -> None:
        """Leave all checks to `grants.allow` and `device_logins.authorize`."""


class _Return(HttpResponseRedirect):
    """Sends the browser back to the program, whose URI may have a scheme of its own."""

    status_code = 303

    def __init__(self, url: str) -> None:
        self.allowed_schemes = [url.partition(":")[0]]
        super().__init__(url)


# Programs that lead a browser here


@require_http_methods(["GET", "HEAD", "POST"])
def by_oauth(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Say who asks and for what; then send the program a code, or the operator's no."""
    if not settings.OAUTH_ENABLED:
        raise Http404
    given = {name: [str(value) for value in found] for name, found in request.GET.lists()}
    try:
        asked = authorization_request.who(given)
    except CannotReturn as wrong:
        return _page(request, site, "unknown", "This cannot be connected", 400, said=str(wrong))
    try:
        wanted = authorization_request.what(given)
    except OAuthRefused as refused:
        # As RFC 6749 4.1.2.1 has it. Only an operator who has logged in is sent on (RFC 9700
        # 4.11.2): anyone can register, and would have a redirect of ours to anywhere.
        return _Return(asked.refusal(refused.error, refused.description))
    if "deny" in request.POST:
        return _Return(asked.refusal("access_denied", "The operator refused."))
    if not request.user.has_perm(PERMISSION):
        title = "You may not connect programs"
        return _page(request, site, "forbidden", title, 403, **_about(asked))
    return _ask(request, site, asked, wanted)


def _ask(
    request: HttpRequest, site: AdminSite, asked: AuthorizationRequest, wanted: RequestedAccess
) -> HttpResponse:
    initial = {"workspace": _only_workspace()}
    form = _form(request, site, ("workspace", "scopes", "accounts"), initial)
    form.offer(wanted)
    if form.is_valid():
        try:
            code = grants.allow(asked, wanted, _operator(request), **form.cleaned_data)
            return _Return(asked.answer(code=code))
        except RequestRefused as refused:
            form.refuse(refused)
    title = f"Let {quoted(asked.client.name)} act for a workspace?"
    context = {"form": form, "days": tokens.REFRESH_LIFE.days, **_about(asked)}
    return _page(request, site, "oauth", title, **context)


def _only_workspace() -> Workspace | None:
    found = list(Workspace.objects.all()[:2])
    return found[0] if len(found) == 1 else None


def _about(asked: AuthorizationRequest) -> dict[str, Any]:
    return {
        "client": asked.client,
        "permission": PERMISSION,
        "place": redirects.shown(asked.redirect_uri),
        "source": redirects.policy_source(asked.redirect_uri),
    }


# Terminals that show a code


@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask for the code; then for what the key may do; then record what the operator says."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    asked = CodeForm(request.POST if request.method == "POST" else request.GET or None)
    login = _find(request, asked)
    if login is None:
        return _page(request, site, "code", "Log in a terminal", form=asked)
    fields = ("workspace", "name", "scopes", "expires_at", "accounts")
    initial = {"name": login.client_name, "expires_at": clock.now() + KEY_LIFE}
    form = _form(request, site, fields, initial)
    try:
        if "deny" in request.POST:
            device_logins.deny(login, _operator(request))
            return _done(request, site, login, "Denied", "Denied")
        if form.is_valid():
            device_logins.authorize(login, _operator(request), form.cleaned_data)
            said = f"Allowed a key of {quoted(form.cleaned_data['workspace'])}"
            return _done(request, site, login, "Allowed", said)
    except RequestRefused as refused:
        if refused.code == "conflict":
            asked.add_error("user_code", refused.message)
            return _page(request, site, "code", "Log in a terminal", form=asked)
        form.refuse(refused)
    title = f"Give {quoted(login.client_name)} a key?"
    code = device_logins.shown(asked.cleaned_data["user_code"])
    return _page(request, site, "device", title, login=login, code=code, form=form)


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


def _done(
    request: HttpRequest, site: AdminSite, login: DeviceLogin, title: str, said: str
) -> HttpResponse:
    history: ModelAdmin = site._registry[DeviceLogin]
    history.log_change(request, login, f"{said} by operator:{request.user}")
    return _page(request, site, "done", title, login=login, is_denied=title == "Denied")


# Both


def _operator(request: HttpRequest) -> User:
    """Return who is logged in; the admin shows these pages to operators alone."""
    return request.user  # type: ignore[return-value]


def _form(
    request: HttpRequest, site: AdminSite, fields: tuple[str, ...], initial: dict[str, Any]
) -> Any:
    # Django's types do not know that a form's class may be given.
    key_admin: Any = site._registry[ApiKey]
    form_class = key_admin.get_form(request, None, form=ConsentForm, fields=fields)
    return form_class(request.POST or None, initial=initial)


def _page(
    request: HttpRequest, site: AdminSite, name: str, title: str, status: int = 200, **more: Any
) -> TemplateResponse:
    media = site._registry[ApiKey].media + more["form"].media if "form" in more else ""
    context = {**site.each_context(request), "title": title, "media": media, **more}
    answer = TemplateResponse(request, f"posts/admin/consent/{name}.html", context, status=status)
    # Browsers apply it to where a form's answer leads as well.
    if "source" in more:
        sources = ["'self'", "https:", more["source"]]
        answer._csp_replace = {"form-action": sources}  # type: ignore[attr-defined]
    return answer
