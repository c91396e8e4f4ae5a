"""One id per request: in its answer, its log lines and the events it causes."""

import re
import secrets
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

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
