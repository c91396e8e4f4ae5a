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
        request_id = choose(request.headers.get(HEADER, ""))
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response[HEADER] = request_id
        return response
