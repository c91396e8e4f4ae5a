"""Each request of the API, for the log that operators read and for the metrics."""

import time

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.observability.api_latency import METHODS, OTHER, latency
from destinations.runtime.flushing import flusher
from posts.api import auth, errors
from posts.api.mounts import COMPAT
from posts.features.request_log import paths
from posts.features.request_log.recorder import LoggedCall, recorder
from posts.keys import keys

#: Pages about the API, which browsers ask for.
DOCUMENTS = tuple(
    f"{mount}/api/{page}" for mount in ("", COMPAT) for page in ("docs", "redoc", "v1/openapi.json")
)


def note(request: HttpRequest, response: HttpResponseBase, began: float, seconds: float) -> None:
    """Count a request and add it to the log; `began` is of `time.perf_counter`."""
    if not flusher.is_on:
        return
    match = request.resolver_match
    route = paths.template(match.route) if match else ""
    if route in DOCUMENTS:
        return
    method = _method(request.method)
    latency.observe(method, route, response.status_code, seconds)
    key = request.__dict__.get("known_key")
    recorder.add(
        LoggedCall(
            began=began,
            method=method,
            route=route,
            path=paths.shown(request.path, route),
            status=response.status_code,
            duration_ms=round(seconds * 1000, 1),
            request_id=getattr(request, "request_id", ""),
            error_code=errors.code_of(response),
            api_key=key.pk if key else None,
            key_prefix=key.prefix if key else keys.prefix_of(auth.secret_of(request) or ""),
            workspace=key.workspace_id if key else None,
        )
    )


def note_refused(method: str, path: str, status: int, code: str, request_id: str) -> None:
    """The same for a request that the server refused before it was read."""
    if not errors.is_api_path(path):
        return
    method = _method(method)
    latency.observe(method, "", status, 0.0)
    recorder.add(
        LoggedCall(
            began=time.perf_counter(),
            method=method,
            route="",
            path=paths.shown(path, ""),
            status=status,
            duration_ms=0.0,
            request_id=request_id,
            error_code=code,
            api_key=None,
            key_prefix="",
            workspace=None,
        )
    )


def _method(given: str | None) -> str:
    return given if given in METHODS else OTHER
