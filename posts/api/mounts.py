"""Tell by its address which of the API's two mounts a request is for, and mark our own requests."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from rest_framework.request import Request

#: Below it is the compatibility mount, at every host.
COMPAT = "/compat"
#: Of the hosts in COMPAT_HOSTS this is the compatibility mount, too.
API = "/api/v1/"
#: Agents call here, and nothing is below it.
MCP = "/mcp"


def is_compat(request: HttpRequest | Request) -> bool:
    """Return whether the request is for the compatibility mount."""
    return request.path_info.startswith(f"{COMPAT}/")


def route(request: HttpRequest) -> None:
    """Lead what a host in COMPAT_HOSTS is asked to the compatibility mount.

    Only `path_info`, by which Django finds the view, changes: `path` stays what the client sent.
    Our own requests have the reference's shapes at every host.
    """
    if not settings.COMPAT_HOSTS or not request.path_info.startswith(API):
        return
    if is_internal(request):
        return
    host, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
    if host in settings.COMPAT_HOSTS:
        request.path_info = COMPAT + request.path_info


@dataclass(frozen=True, slots=True)
class Internal:
    """Mark a request as one of our own. No client can: it is no header.

    `is_counted`: the request that it is made for has paid its unit of the bucket `requests`.

    `collapse_seconds`: for so long an equal request without an Idempotency-Key gets its answer,
    unless `version_of` (posts/api/endpoints.py) tells that this is no longer true.
    """

    is_counted: bool = False
    collapse_seconds: int = 0
    version_of: Callable[..., str] | None = None


_EXTERNAL = Internal()


def mark_internal(request: HttpRequest, says: Internal) -> None:
    request.internal = says  # type: ignore[attr-defined]


def is_internal(request: HttpRequest) -> bool:
    return "internal" in request.__dict__


def internal_of(request: HttpRequest) -> Internal:
    """Return what the request says of itself; nothing for one that a client sent."""
    found: Internal = request.__dict__.get("internal", _EXTERNAL)
    return found
