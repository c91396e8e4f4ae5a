"""Turns exceptions into HTTP answers; nothing else does."""

from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from destinations.runtime import availability, database
from posts.api import renderers, routing
from posts.api.mounts import MCP
from posts.api.renderers import wrap_error
from posts.errors import Code, RequestRefused
from posts.media.storage import NO_ROOM, Away

log = structlog.get_logger()

STATUS: dict[Code, int] = {
    "validation_error": 400,
    "invalid_json": 400,
    "content_too_long": 400,
    "invalid_field_name": 400,
    "past_schedule_time": 400,
    "invalid_timezone": 400,
    "invalid_accounts": 400,
    "invalid_media": 400,
    "invalid_campaign": 400,
    "unsupported_platform": 400,
    "invalid_webhook_url": 400,
    "post_creation_failed": 400,
    "bulk_limit_exceeded": 400,
    "missing_filter": 400,
    "unauthorized": 401,
    "insufficient_credits": 402,
    "insufficient_scope": 403,
    "own_post": 403,
    "storage_quota_exceeded": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "conflict": 409,
    "post_already_published": 409,
    "media_in_use": 409,
    "queue_full": 409,
    "upload_incomplete": 409,
    "account_limit_reached": 409,
    "key_limit_reached": 409,
    "campaign_limit_reached": 409,
    "webhook_limit_reached": 409,
    "recurrence_limit_reached": 409,
    "recycling_limit_reached": 409,
    "length_required": 411,
    "file_too_large": 413,
    "uri_too_long": 414,
    "unsupported_media_type": 415,
    "idempotency_key_reused": 422,
    "rate_limit_exceeded": 429,
    "headers_too_large": 431,
    "internal_error": 500,
    "not_implemented": 501,
    "service_unavailable": 503,
    "storage_full": 507,
}
#: How the paths of programs begin.
API_PATHS = ("/api/", "/compat/", "/uploads/", "/mcp/")
#: Sending the same request again may succeed.
RETRYABLE: frozenset[Code] = frozenset(
    {
        "request_timeout",
        "rate_limit_exceeded",
        "internal_error",
        "service_unavailable",
        "storage_full",
    }
)
#: Most specific first.
FRAMEWORK: tuple[tuple[type[Exception], Code], ...] = (
    (exceptions.ParseError, "invalid_json"),
    (exceptions.NotAuthenticated, "unauthorized"),
    (exceptions.AuthenticationFailed, "unauthorized"),
    (exceptions.PermissionDenied, "insufficient_scope"),
    (PermissionDenied, "insufficient_scope"),
    (exceptions.NotFound, "not_found"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
    (exceptions.Throttled, "rate_limit_exceeded"),
)


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to an exception that a view raised."""
    set_rollback()
    refused = explain(error)
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    if refused.retry_after_seconds is not None:
        headers["Retry-After"] = str(refused.retry_after_seconds)
    return Response(body(refused), status=STATUS[refused.code], headers=headers)


def explain(error: Exception) -> RequestRefused:
    """Any exception as a RequestRefused. An unexpected one is logged and reveals nothing."""
    if isinstance(error, RequestRefused):
        return error
    if isinstance(error, exceptions.ValidationError):
        problems = list(flatten(error.detail))
        field, message = problems[0]["field"], problems[0]["message"]
        told = f"{field}: {message}" if field else message
        return RequestRefused("validation_error", told, validation_errors=problems)
    if isinstance(error, Http404):
        return RequestRefused("not_found", "Not found.")
    for kind, code in FRAMEWORK:
        if isinstance(error, kind):
            return RequestRefused(code, str(error))
    if database.is_away(error):
        availability.database.failed(error)
        return RequestRefused("service_unavailable", "Try again in a moment.")
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        log.error("storage_full", failure=str(error))
        return RequestRefused(
            "storage_full",
            "This installation has no storage left for files, and nothing was stored; its "
            "operator must free some. Posts without new files are still published.",
        )
    if isinstance(error, Away):
        availability.storage.failed(error)
        return RequestRefused(
            "service_unavailable",
            "This installation's storage does not answer, and nothing was stored. Try again; if "
            "it persists, ask its operator.",
        )
    log.error("unexpected_error", exc_info=error)
    return RequestRefused("internal_error", "An internal error occurred.")


def body(refused: RequestRefused) -> dict[str, Any]:
    """The refusal as `error`, its size bounded by `error_size`."""
    refused = renderers.bounded(refused)
    found: dict[str, Any] = {
        "message": refused.message,
        "code": refused.code,
        "retryable": _is_retryable(refused),
    }
    if refused.details:
        found["details"] = refused.details
    return found


def _is_retryable(refused: RequestRefused) -> bool:
    # What a setting must change first stays as it is, however often it is tried.
    waits_for_operator = "setting" in refused.details
    is_usually = refused.code in RETRYABLE and not waits_for_operator
    return is_usually or refused.retry_after_seconds is not None


def flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """A validation error's tree as a list of fields and messages."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            plain = name == "non_field_errors"
            step = f"[{name}]" if isinstance(name, int) else f".{name}" if path else str(name)
            yield from flatten(inner, path if plain else path + step)
    elif isinstance(detail, list):
        for inner in detail:
            yield from flatten(inner, path)
    else:
        yield {"field": path, "message": str(detail)}


def answer(request: HttpRequest, refused: RequestRefused) -> JsonResponse:
    """The same answer from outside DRF."""
    error = body(refused)
    response = JsonResponse(wrap_error(error, request), status=STATUS[refused.code])
    response.data = error  # type: ignore[attr-defined]
    if refused.retry_after_seconds is not None:
        response["Retry-After"] = str(refused.retry_after_seconds)
    return response


def code_of(response: HttpResponseBase) -> str:
    """The code of an answer that refuses; empty of any other."""
    data = getattr(response, "data", None) if response.status_code >= 400 else None
    return str(data.get("code", "")) if isinstance(data, dict) else ""


def is_api(request: HttpRequest) -> bool:
    """Return whether the client is a program, which expects the envelope, not a browser."""
    return is_api_path(request.path)


def is_api_path(path: str) -> bool:
    return path == MCP or path.startswith(API_PATHS)


@csrf_exempt
def unknown_path(request: HttpRequest) -> HttpResponse:
    """Answers every path below /api and /compat that is no endpoint."""
    what = routing.unlike_ids(request.path) or "endpoint"
    return answer(request, RequestRefused("not_found", f"There is no such {what}."))
