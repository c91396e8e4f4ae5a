"""The page on which an operator lets a program act for a workspace, or does not.

The request is read anew from the address at each step, so nothing that it says is remembered or
taken from the form.
"""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from posts.errors import RequestRefused
from posts.keys.admin import new_keys
from posts.keys.oauth import authorization_request, grants, redirects, tokens
from posts.keys.oauth.authorization_request import (
    AuthorizationRequest,
    CannotReturn,
    RequestedAccess,
)
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.models import ApiKey, Workspace

PERMISSION = "posts.add_apikey"
FIELDS = ("workspace", "scopes", "accounts")
#: What a scope allows, in the operator's words.
SCOPES = {
    "read": "Read posts, accounts, files and figures",
    "write": "Create, change, publish and delete posts and files",
    "ai": "Have captions written and images drawn, which costs AI credits",
    "approve": "Approve posts that others wrote",
}


class ConsentForm(new_keys.NewKeyForm):
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
        """`grants.allow` checks it all."""


class _Return(HttpResponseRedirect):
    """Sends the browser back to the program, whose URI may have a scheme of its own."""

    status_code = 303

    def __init__(self, url: str) -> None:
        self.allowed_schemes = [url.partition(":")[0]]
        super().__init__(url)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, site: AdminSite) -> HttpResponse:
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
        context = {"permission": PERMISSION, **_about(asked)}
        return _page(request, site, "forbidden", "You may not connect programs", 403, **context)
    return _ask(request, site, asked, wanted)


def _ask(
    request: HttpRequest, site: AdminSite, asked: AuthorizationRequest, wanted: RequestedAccess
) -> HttpResponse:
    # Django's types do not know that a form's class may be given.
    key_admin: Any = site._registry[ApiKey]
    form_class = key_admin.get_form(request, None, form=ConsentForm, fields=FIELDS)
    form = form_class(request.POST or None, initial={"workspace": _only_workspace()})
    form.offer(wanted)
    if request.method == "POST" and form.is_valid():
        try:
            code = grants.allow(asked, wanted, request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except RequestRefused as refused:
            for field, message in new_keys.problems(refused):
                form.add_error(field, message)
        else:
            return _Return(asked.answer(code=code))
    title = f"Let “{asked.client.name}” act for a workspace?"
    context = {
        "form": form,
        "media": key_admin.media + form.media,
        "permission": PERMISSION,
        "days": tokens.REFRESH_LIFE.days,
        **_about(asked),
    }
    return _page(request, site, "consent", title, 200, **context)


def _only_workspace() -> Workspace | None:
    found = list(Workspace.objects.all()[:2])
    return found[0] if len(found) == 1 else None


def _about(asked: AuthorizationRequest) -> dict[str, Any]:
    return {
        "client": asked.client,
        "place": redirects.shown(asked.redirect_uri),
        "source": redirects.policy_source(asked.redirect_uri),
    }


def _page(
    request: HttpRequest, site: AdminSite, name: str, title: str, status: int, **more: Any
) -> TemplateResponse:
    context = {**site.each_context(request), "title": title, **more}
    template = f"posts/admin/oauth/{name}.html"
    answer = TemplateResponse(request, template, context, status=status)
    # Browsers apply it to where a form's answer leads as well.
    if "source" in more:
        sources = ["'self'", "https:", more["source"]]
        answer._csp_replace = {"form-action": sources}  # type: ignore[attr-defined]
    return answer
