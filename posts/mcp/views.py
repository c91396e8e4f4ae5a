"""/mcp over HTTP: who may ask, and how often. What was asked is the protocol's matter (`bridge`).

Each request stands alone, without sessions or streams, so only POST is answered.
Source: https://modelcontextprotocol.io/specification/2026-07-28, "Streamable HTTP" (2026-11-29).
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException

from posts.api import auth, errors, parsers, throttling
from posts.api.mounts import MCP
from posts.api.oauth import views
from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import ApiKey

#: JSON-RPC's own codes.
PARSE_ERROR, INVALID_REQUEST = -32700, -32600


def serve(request: HttpRequest) -> HttpResponseBase:
    """The answer to one message of an agent's client."""
    if not settings.MCP_ENABLED:
        return errors.unknown_path(request)
    try:
        if not _is_own_origin(request.META.get("HTTP_ORIGIN")):
            raise RequestRefused("insufficient_scope", "Pages of this origin may not call /mcp.")
        key = auth.active_key(request)
        if key is None:
            return _challenge(request)
        request.auth = key  # type: ignore[attr-defined]
        if request.method != "POST":
            return _post_only(request)
        return _answer(request, key)
    except (RequestRefused, Error) as error:
        return errors.answer(request, errors.explain(error))


def _is_own_origin(origin: str | None) -> bool:
    """Programs send no origin. A browser's keeps another site's page from calling in its name."""
    return origin in (None, settings.PUBLIC_URL) or origin in settings.MCP_ORIGINS


def _challenge(request: HttpRequest) -> HttpResponse:
    """A 401 that tells a client where tokens come from."""
    has_token = auth.secret_of(request) is not None
    message = (
        "This token is malformed, unknown, revoked or expired."
        if has_token
        else "Send Authorization: Bearer pe_live_…"
    )
    response = errors.answer(request, RequestRefused("unauthorized", message))
    told = ['error="invalid_token"'] if has_token else []
    if settings.OAUTH_ENABLED:
        told.append(f'resource_metadata="{settings.PUBLIC_URL}{views.RESOURCE}{MCP}"')
    response["WWW-Authenticate"] = f"Bearer {', '.join(told)}".strip()
    return response


def _post_only(request: HttpRequest) -> HttpResponse:
    message = "Each message is a POST of its own; there are no streams and no sessions."
    response = errors.answer(request, RequestRefused("method_not_allowed", message))
    response["Allow"] = "POST"
    return response


def _answer(request: HttpRequest, key: ApiKey) -> HttpResponseBase:
    keys.note_use(key)
    refused = _count(request, key)
    try:
        message = parsers.decode(request.body)
    except RequestDataTooBig:
        raise parsers.too_large() from None
    except APIException as error:
        return _malformed(PARSE_ERROR, errors.explain(error).message)
    if not isinstance(message, dict):
        return _malformed(INVALID_REQUEST, "Send one JSON-RPC message, not a list of them.")
    if refused and message.get("method") != "tools/call":
        raise refused
    # Imports the protocol's SDK, of which a process that serves no agent needs nothing.
    from posts.mcp import bridge

    return bridge.exchange(request, key, refused)


def _count(request: HttpRequest, key: ApiKey) -> RequestRefused | None:
    """Why this is one request too many. A tool's result says so in words that an agent reads."""
    try:
        throttling.take_request(request, key)
    except RequestRefused as error:
        return error
    return None


def _malformed(code: int, message: str) -> HttpResponse:
    error: dict[str, Any] = {"code": code, "message": message}
    return JsonResponse({"jsonrpc": "2.0", "id": None, "error": error}, status=400)
