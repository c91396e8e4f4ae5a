"""Each request: one id in its answer, its log lines and the events it causes, and one log line.

Requests of the API are noted for the log that operators read, and for the metrics, as well.
"""

import re
import secrets
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.observability import api_calls
from destinations.runtime import availability
from posts.api import errors

HEADER = "X-Request-Id"
ACCEPTED = re.compile(r"^req_[a-z0-9]{6,32}$")


def choose(given: str) -> str:
    """The caller's own id if it looks like one of ours, else a new one."""
    return given if ACCEPTED.match(given) else f"req_{secrets.token_hex(6)}"


class RequestIdMiddleware:
    """Sets `request.request_id`, taking the caller's own if it looks like one of ours."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Not `request.headers`, here and in all that every request passes: it reads every header.
        request_id = choose(request.META.get("HTTP_X_REQUEST_ID", ""))
        request.request_id = request_id  # type: ignore[attr-defined]
        before = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.reset_contextvars(**before)
        response[HEADER] = request_id
        return response


log = structlog.get_logger("access")

#: Called every few seconds by machines; only their failures are logged.
PROBES = ("/healthz", "/readyz", "/metrics")


class AccessLogMiddleware:
    """Stands inside RequestIdMiddleware, so that the line carries the request's id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        self._note_success(request, response, began)
        if errors.is_api(request):
            api_calls.note(request, response, began, seconds)
        # Files of the admin's pages, which a browser asks for by the dozen.
        is_noise = request.path in PROBES or request.path.startswith(settings.STATIC_URL)
        if is_noise and response.status_code < 400:
            return response
        # No query: it may hold codes of OAuth returns and signatures of media. `redaction` removes
        # tokens in paths.
        line = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "duration_ms": round(seconds * 1000, 1),
        }
        # Django REST Framework leaves the key it accepted on the request.
        if auth := getattr(request, "auth", None):
            line |= {"key": auth.prefix, "workspace": str(auth.workspace_id)}
        # In the admin: the operator and their address.
        line |= getattr(request, "caller", {})
        log.info("request", **line)
        return response

    def _note_success(self, request: HttpRequest, response: HttpResponse, began: float) -> None:
        """End the outage of the database, if one is known: who asks was read there."""
        if not availability.database.is_away:
            return
        operator = getattr(request, "caller", {}).get("operator")
        if (operator or getattr(request, "auth", None)) and response.status_code < 500:
            availability.database.succeeded(began)
