"""Calls of our own API within this process, in the name of the request at /mcp.

They pass the same handler as a request from outside, so authentication, scopes, rate limits,
idempotency and the request log apply as they do to every caller.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse

from posts.api import mounts
from posts.api.mounts import Internal
from posts.models import ApiKey

#: What the API sees of the request at /mcp: who asks, from where, and at which address of ours.
TAKEN_OVER = (
    "HTTP_AUTHORIZATION",
    "HTTP_HOST",
    "HTTP_USER_AGENT",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "REMOTE_ADDR",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "wsgi.url_scheme",
)


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request to the API; `path` below /api/v1."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/json"
    idempotency_key: str | None = None
    collapse_seconds: int = 0
    version_of: Callable[..., str] | None = None


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    status: int
    #: The envelope: `data` or `error`, and `meta`.
    body: dict[str, Any]
    retry_after_seconds: int | None = None

    @property
    def is_refused(self) -> bool:
        # The answer of an import of which no row was accepted has a status of refusals, too.
        return bool(self.body.get("error"))


class Caller:
    """Who asks at /mcp."""

    def __init__(self, request: HttpRequest, key: ApiKey) -> None:
        self._request = request
        self.key = key

    def send(self, call: ApiCall) -> ApiAnswer:
        """The API's answer, also if it refuses."""
        request = WSGIRequest(self._environ(call))
        # The request at /mcp has been counted, and its key found.
        request.known_key = self.key  # type: ignore[attr-defined]
        mounts.mark_internal(request, Internal(True, call.collapse_seconds, call.version_of))
        response = cast("HttpResponse", _handler().get_response(request))
        wait = response.headers.get("Retry-After")
        return ApiAnswer(
            response.status_code, json.loads(response.content), int(wait) if wait else None
        )

    def _environ(self, call: ApiCall) -> dict[str, Any]:
        environ = {
            name: self._request.META[name] for name in TAKEN_OVER if name in self._request.META
        }
        environ |= {
            "REQUEST_METHOD": call.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/api/v1{call.path}",
            "QUERY_STRING": urlencode(call.query),
            "CONTENT_LENGTH": str(len(call.body)),
            "HTTP_X_REQUEST_ID": getattr(self._request, "request_id", ""),
            "wsgi.input": io.BytesIO(call.body),
        }
        if call.body:
            environ["CONTENT_TYPE"] = call.content_type
        if call.idempotency_key is not None:
            environ["HTTP_IDEMPOTENCY_KEY"] = call.idempotency_key
        return environ


@cache
def _handler() -> WSGIHandler:
    """The URL map with every middleware, as the web server calls it."""
    return WSGIHandler()
