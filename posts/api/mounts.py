"""Which of the API's two mounts a request is for. Only its address decides."""

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port
from rest_framework.request import Request

from posts.api import internal

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
    if internal.is_internal(request):
        return
    host, _ = split_domain_port(request.META.get("HTTP_HOST", ""))
    if host in settings.COMPAT_HOSTS:
        request.path_info = COMPAT + request.path_info
