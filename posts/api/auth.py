"""Authenticate by bearer key, and check scopes and query parameters.

An ignored `?dry_run=true` or `?status=failed` would do, or show, something else than was asked for.
So calls that take no query refuse one; the others read it with a `QuerySerializer`.

A busy program's key is read once a second. A key that was revoked, deleted or changed is honoured
as it was for KEY_CACHE_SECONDS at most, in every process. Its expiry is compared at each call, and
a new key is known at once.
"""

import uuid
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from destinations.access import Reach
from posts.api.endpoints import Options
from posts.api.mounts import MCP
from posts.composing.destinations import Author
from posts.errors import RequestRefused
from posts.keys import keys
from posts.models import ApiKey

if TYPE_CHECKING:  # DRF's views import this module
    from rest_framework.views import APIView
import time

from django.conf import settings


def secret_of(request: HttpRequest) -> str | None:
    """The bearer token as sent, valid or not; None without one."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def known_key(request: HttpRequest) -> ApiKey | None:
    """The key with this secret, active or not; looked up once per request, or less often.

    A token of an OAuth grant is known only where the grant says (RFC 8707).
    """
    known: dict[str, ApiKey | None] = request.__dict__
    if "known_key" not in known:
        key = find_key(secret_of(request) or "")
        known["known_key"] = key if key and _is_for(key, request) else None
    return known["known_key"]


def _is_for(key: ApiKey, request: HttpRequest) -> bool:
    resource: str = getattr(key, "token_resource", "")
    if resource.endswith(MCP):
        return request.path == MCP
    return request.path != MCP or not resource.endswith("/api/v1")


def active_key(request: HttpRequest) -> ApiKey | None:
    """The key of a request before its view runs; None if the view would refuse it."""
    key = known_key(request)
    return key if key and key.is_active else None


class KeyAuthentication(BaseAuthentication):
    """Sets `request.auth` to the ApiKey. There is no user: a key acts for its workspace."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        if secret_of(request._request) is None:
            return None
        key = active_key(request._request)
        if key is None:
            raise AuthenticationFailed("This API key is malformed, unknown, revoked or expired.")
        keys.note_use(key)
        return None, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def may_call(key: ApiKey, http_method: str | None, scope: str = "") -> bool:
    """Whether the key's scopes allow this method, or have the `scope` that it needs instead."""
    return (scope or scope_for(http_method)) in key.scopes


def scope_for(http_method: str | None) -> str:
    return ApiKey.Scope.READ if http_method in SAFE_METHODS else ApiKey.Scope.WRITE


class HasScope(BasePermission):
    """Reading needs the scope `read`, everything else `write`, unless a view's options say more."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, ApiKey):
            raise NotAuthenticated("Send Authorization: Bearer pe_live_…")
        if request.method not in view.allowed_methods:
            return True  # answered with 405, with any scope
        handler = getattr(view, str(request.method).lower(), None)
        scope = getattr(handler, "options", Options()).scope or scope_for(request.method)
        if not may_call(request.auth, request.method, scope):
            raise PermissionDenied(f"This needs a key with the scope {scope}.")
        check_query(request, view)
        return True


class SeesEveryAccount(HasScope):
    """For what tells of all accounts and posts of a workspace."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        allowed = super().has_permission(request, view)
        if request.method in view.allowed_methods and reach_of(request).only is not None:
            raise PermissionDenied(
                "This key is restricted to some accounts. Webhooks tell of all posts of the "
                "workspace; use a key without a restriction."
            )
        return allowed


def key_of(request: Request) -> ApiKey:
    """The key an authenticated request came with."""
    # DRF types `auth` as its own token; HasScope admits only ApiKey.
    return cast("ApiKey", request.auth)


def workspace_of(request: Request) -> uuid.UUID:
    """The workspace, whose keys share its files. For accounts and posts use `reach_of`."""
    return key_of(request).workspace_id


def reach_of(request: Request) -> Reach:
    """The accounts and posts that this request may see."""
    return key_of(request).reach


def author(request: Request) -> Author:
    """On whose behalf this request creates and changes posts."""
    key = key_of(request)
    return Author(
        workspace_id=key.workspace_id,
        by=f"key:{key.prefix}",
        request_id=getattr(request, "request_id", ""),
        only=key.reach.only,
    )


def check_query(request: Request, view: "APIView") -> None:
    """Raises RequestRefused for a parameter that the view's method does not read."""
    handler = getattr(view, str(request.method).lower(), None)
    if handler is None or getattr(handler, "options", Options()).reads_query:
        return
    for name in request.query_params:
        shown = name[:100]
        message = f"There is no query parameter {shown!r}: this call takes none."
        raise RequestRefused("invalid_field_name", message, field=shown)


class KnownQuery(BasePermission):
    """For calls that need no key."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        check_query(request, view)
        return True


#: How many keys are remembered, of a few KB each.
MOST_REMEMBERED = 1000
_recent_keys: dict[str, tuple[float, ApiKey]] = {}


def find_key(secret: str) -> ApiKey | None:
    """The key with this secret, active or not. Callers share it, and must not change it."""
    # Before it is read: what changes while it is read counts as changed after.
    now = time.monotonic()
    name = keys.digest(secret)
    until, known = _recent_keys.get(name, (now, None))
    if now < until:
        return known
    key = keys.find(secret)
    if key is None:
        _recent_keys.pop(name, None)
    elif settings.KEY_CACHE_SECONDS:
        if len(_recent_keys) >= MOST_REMEMBERED:
            _recent_keys.clear()
        _recent_keys[name] = (now + settings.KEY_CACHE_SECONDS, key)
    return key
