"""Answers to OAuth clients, and what every endpoint for them has in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from destinations.runtime import addresses, availability, database
from posts.api import errors
from posts.keys.oauth.oauth_errors import OAuthError, OAuthRefused

#: Where it is not 400.
STATUS: dict[OAuthError, int] = {
    "invalid_client": 401,
    "temporarily_unavailable": 429,
    "server_error": 503,
}
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
UNREADABLE = (RequestDataTooBig, TooManyFieldsSent, MultiPartParserError, UnreadablePostError)
#: Any page may ask: what opens something is in the body, and no cookie is looked at.
CORS = {"Access-Control-Allow-Origin": "*"}
FOR_OPTIONS = {
    **CORS,
    "Access-Control-Allow-Headers": "Authorization, Content-Type, MCP-Protocol-Version",
    "Access-Control-Max-Age": "86400",
}

View = Callable[[HttpRequest], HttpResponse]


def switched(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, which exists only while OAUTH_ENABLED."""

    @wraps(view)
    def called(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if not settings.OAUTH_ENABLED:
            return errors.unknown_path(request)
        return view(request, *args, **named)

    return called


def endpoint(*methods: str, for_pages: bool = True) -> Callable[[View], View]:
    """An endpoint for programs, with `for_pages` also for those in a browser: errors are JSON."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @switched
        @wraps(view)
        def called(request: HttpRequest) -> HttpResponse:
            if request.method == "OPTIONS" and for_pages:
                allow = {"Access-Control-Allow-Methods": ", ".join(methods)}
                return HttpResponse(status=204, headers={**FOR_OPTIONS, **allow})
            if request.method in methods:
                found = _called(view, request)
            else:
                found = refusal(OAuthRefused("invalid_request", f"Use {methods[0]}."), 405)
                found["Allow"] = ", ".join(methods)
            for name, value in (CORS if for_pages else {}).items():
                found[name] = value
            return found

        return called

    return decorate


def _called(view: View, request: HttpRequest) -> HttpResponse:
    try:
        return view(request)
    except OAuthRefused as refused:
        return refusal(refused)
    except UNREADABLE:
        return refusal(OAuthRefused("invalid_request", "The body cannot be read."))
    except Error as error:
        if not database.is_away(error):
            raise
        availability.database.failed(error)
        return refusal(OAuthRefused("server_error", "Try again in a moment.", 10))


def refusal(refused: OAuthRefused, status: int | None = None) -> HttpResponse:
    said = {"error": refused.error, "error_description": refused.description}
    headers = dict(NO_STORE)
    if refused.retry_after is not None:
        headers["Retry-After"] = str(refused.retry_after)
    if refused.error == "invalid_client":
        headers["WWW-Authenticate"] = 'Basic realm="Dovecote"'
    return JsonResponse(said, status=status or STATUS.get(refused.error, 400), headers=headers)


def network(request: HttpRequest) -> str:
    """Return where a call comes from, as it is counted."""
    return addresses.network(request.META.get("REMOTE_ADDR") or "") or "unknown"
