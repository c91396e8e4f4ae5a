"""Put the operator on every log line of the admin."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from config.operators.lockout import address

ADMIN = "/admin/"


class OperatorMiddleware:
    """Binds the operator and their address to every line that a request to the admin logs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADMIN):
            return self.get_response(request)
        caller = {"ip": address(request), "operator": request.user.get_username()}
        # For the access log, whose line is written outside of this.
        request.caller = caller  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(**caller):
            return self.get_response(request)
