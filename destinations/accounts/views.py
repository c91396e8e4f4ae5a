"""The pages on which the owner of an account connects it, without an API key or a user.

A network either asks for consent on a page of its own, or needs what a form here asks for.

The link authorizes the first page; from its button on, a cookie of that browser does. The pages
load nothing from elsewhere and leak their URLs to no other site.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from destinations.accounts import connect_flow, links, messages, oauth_apps, store
from destinations.accounts.connect_flow import StartedLogin
from destinations.accounts.messages import ConnectError
from destinations.accounts.oauth_apps import Login
from destinations.models import Account, Connection
from platforms.registry import ADAPTERS

#: Longer than a whole connection may take.
COOKIE_SECONDS = 4000
#: How long servers may keep what they have read about this installation.
DOCUMENT_SECONDS = 300


# The button leads to the network, which redirects further, and Chromium applies `form-action` to
# every redirect. (The decorator's types do not cover views with arguments.)
@csp_replace({"form-action": None})  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Return the link's page: who asks for what. Its button leads to the network's consent page."""
    try:
        if request.method == "POST":
            return _leave(connect_flow.begin(token), token)
        connection = links.open_link(token)
        has_form = links.login_of(connection).first_form is not None
        return _page(request, "start", connection, 200, has_form=has_form)
    except ConnectError as error:
        return _error_page(request, error)


def _leave(begun: StartedLogin, token: str) -> HttpResponse:
    answer = HttpResponseRedirect(begun.address)
    answer.set_cookie(
        _cookie(begun.connection.pk),
        # With the link's token, so that an error page can offer this browser to start again.
        f"{begun.browser}.{token}",
        max_age=COOKIE_SECONDS,
        path="/connect",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return _private(answer)


@require_GET
def document(request: HttpRequest, app: str, name: str) -> HttpResponse:
    """Return what servers of a network read about this installation."""
    found = oauth_apps.document(app, f"/{name}.json")
    if found is None:
        raise Http404
    return JsonResponse(found, headers={"Cache-Control": f"max-age={DOCUMENT_SECONDS}"})


@require_GET
def callback(request: HttpRequest, app: str) -> HttpResponse:
    """Receive the browser from the network. Redirects, so that no code stays in the address bar."""
    try:
        connection = connect_flow.callback(
            app, request.GET.dict(), lambda number: _held(request, number)[0]
        )
    except ConnectError as error:
        return _error_page(request, error)
    return _private(HttpResponseRedirect(f"/connect/{connection.pk}/choice"))


# A form that names a server leads to its consent page.
@csp_replace({"form-action": None})  # type: ignore[arg-type]
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for what a login without a consent page needs. Nothing of it is shown again but names."""
    try:
        connection = connect_flow.for_browser(number, _held(request, number)[0])
        login = links.login_of(connection)
        asked = login.first_form
        if asked is None or not connection.state_hash:
            raise ConnectError("unknown_state", connection)
        answers = {each.name: request.POST.get(each.name, "").strip() for each in asked.fields}
        is_done = connection.used_at or connection.found
        address, problem = "", ""
        if request.method == "POST" and not is_done:
            address, problem = _submitted(connection, login, answers)
    except ConnectError as error:
        return _error_page(request, error)
    if address:
        return _private(HttpResponseRedirect(address))
    if connection.used_at or connection.found:
        return _private(HttpResponseRedirect(f"/connect/{number}/choice"))
    shown = [(each, "" if each.is_secret else answers[each.name]) for each in asked.fields]
    has_secret = any(each.is_secret for each in asked.fields)
    context = {"intro": asked.intro, "fields": shown, "problem": problem, "has_secret": has_secret}
    return _page(request, "form", connection, 422 if problem else 200, **context)


def _submitted(connection: Connection, login: Login, answers: Mapping[str, str]) -> tuple[str, str]:
    """Log in with the answers, or return the address of the consent page that comes next.

    The second text is what the network says against the answers. Raises ConnectError.
    """
    try:
        if login.first_form and login.first_form.leads_away(answers):
            return connect_flow.leave(connection, answers), ""
        connect_flow.submit(connection, answers)
    except ConnectError as error:
        if error.why != "not_accepted":
            raise
        return "", error.words["said"]
    return "", ""


@require_http_methods(["GET", "POST"])
def choice(request: HttpRequest, number: int) -> HttpResponse:
    """Choose the profiles to connect. Nothing is saved before their owner agrees."""
    try:
        connection = connect_flow.for_browser(number, _held(request, number)[0])
        if connection.used_at:
            return _private(HttpResponseRedirect(f"/connect/{number}/done"))
        if not connection.found:
            raise ConnectError("unknown_state", connection)
        if "decline" in request.POST:
            connect_flow.decline(connection)
            raise ConnectError("declined", connection)
        chosen = request.POST.getlist("profile")
        if request.method == "POST" and connect_flow.choose(connection, chosen):
            return _private(HttpResponseRedirect(f"/connect/{number}/done"))
    except ConnectError as error:
        return _error_page(request, error)
    found = connect_flow.choices(connection)
    known = Account.objects.filter(
        workspace=connection.workspace_id,
        platform=connection.platform,
        platform_account_id__in=[each.platform_account_id for each in found],
    )
    context = {
        "profiles": found,
        "known": set(known.values_list("platform_account_id", flat=True)),
        "is_empty": request.method == "POST",
    }
    status = 400 if context["is_empty"] else 200
    return _page(request, "choice", connection, status, **context)


@require_http_methods(["GET", "POST"])
def done(request: HttpRequest, number: int) -> HttpResponse:
    """Return what is connected now, and the posts that failed meanwhile, to be retried."""
    try:
        connection = connect_flow.for_browser(number, _held(request, number)[0])
        if not connection.used_at:
            raise ConnectError("unknown_state", connection)
    except ConnectError as error:
        return _error_page(request, error)
    found = list(Account.objects.filter(pk__in=connection.connected).order_by("pk"))
    retried = None
    if request.method == "POST":
        requeued = store.retry_missed(
            found,
            by=f"connection:{connection.pk}",
            request_id=getattr(request, "request_id", ""),
        )
        retried = len(requeued.moved)
    for account in found:
        account.initial = account.name.lstrip("@")[:1]  # type: ignore[attr-defined]
    context = {
        "accounts": found,
        "missed": store.missed(found).count(),
        "retried": retried,
        "is_repair": connection.account_id is not None,
    }
    return _page(request, "done", connection, 200, **context)


def _error_page(request: HttpRequest, error: ConnectError) -> HttpResponse:
    page, connection = messages.PAGES[error.why], error.connection
    words = {"platform": _platform(connection), **error.words}
    again = ""
    if page.again and connection and not connection.used_at:
        token = _held(request, connection.pk)[1]
        again = f"/connect/{token}" if token else ""
    return _page(
        request,
        "error",
        connection,
        page.status,
        title=page.title.format(**words),
        text=page.text.format(**words),
        again=again,
    )


def _page(
    request: HttpRequest, name: str, connection: Connection | None, status: int, **context: Any
) -> HttpResponse:
    context |= {
        "platform": _platform(connection),
        "connection": connection,
        "asked_by": messages.asked_by(connection) if connection else "",
        "host": urlsplit(settings.PUBLIC_URL).hostname,
    }
    answer = render(request, f"destinations/connect/{name}.html", context, status=status)
    return _private(answer)


def _private(answer: HttpResponse) -> HttpResponse:
    """Neither cached nor sent to other sites as the referrer.

    Browsers that send no referrer at all send no origin with our own forms, which are then refused.
    """
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def _platform(connection: Connection | None) -> str:
    return ADAPTERS[connection.platform].name if connection else "The platform"


def _cookie(number: int) -> str:
    return f"dovecote_connect_{number}"


def _held(request: HttpRequest, number: int) -> tuple[str, str]:
    """(secret, link's token) of a connection from this browser's cookie; empty if there is none."""
    secret, _, token = request.COOKIES.get(_cookie(number), "").partition(".")
    return secret, token
