"""One line per request: what was asked, what was answered, how long it took, by whose key."""

import re
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger("access")

#: Asked every few seconds by machines; only their failures are worth a line.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


#: An upload's address is the right to upload, a link's the right to connect an account.
LINK = re.compile(r"^/(uploads(?=/.)|connect(?=/[^/]+$))/.+")


class AccessLogMiddleware:
    """Stands inside RequestIdMiddleware, so that the line carries the request's id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        if request.path in PROBES and response.status_code < 400:
            return response
        # No query: it may hold codes of OAuth returns and signatures of media.
        line = {
            "method": request.method,
            "path": LINK.sub(r"/\1/[redacted]", request.path),
            "status": response.status_code,
            "duration_ms": round((time.perf_counter() - began) * 1000, 1),
        }
        # Django REST Framework leaves the key it accepted on the request.
        key = getattr(getattr(request, "auth", None), "prefix", None)
        if key:
            line["key"] = key
        log.info("request", **line)
        return response
