"""The provider of single sign-on: its discovery document, and the settings that follow from it."""

import time
from typing import Any, NamedTuple
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

#: How long a process believes the document, seconds.
KEEP_SECONDS = 600
#: How long the provider may take to connect, and between two bytes of an answer.
TIMEOUT_SECONDS = 5
#: What must be in the document.
REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
CALLBACK = "admin:sso_callback"


class Away(Exception):
    """The provider does not answer, or not as OpenID Connect says."""


class _Remembered(NamedTuple):
    issuer: str
    until: float
    document: dict[str, Any]


_remembered: _Remembered | None = None


def document() -> dict[str, Any]:
    """The discovery document. Raises Away.

    Source: https://openid.net/specs/openid-connect-discovery-1_0.html, sections 3 and 4 (read
    2026-11-26).
    """
    global _remembered
    issuer, now = settings.OIDC_ISSUER, time.monotonic()
    if _remembered is None or _remembered.issuer != issuer or _remembered.until < now:
        _remembered = _Remembered(issuer, now + KEEP_SECONDS, _read(issuer))
    return _remembered.document


def _read(issuer: str) -> dict[str, Any]:
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        answer = requests.get(url, timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Away(f"{url}: {type(error).__name__}") from error
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise Away(f"{url} names another issuer than OIDC_ISSUER.")
    if missing := [name for name in REQUIRED if not found.get(name)]:
        raise Away(f"{url} lacks {', '.join(missing)}.")
    return found


def setting(name: str, *default: Any) -> Any:
    """A setting of mozilla-django-oidc, by its name there. Raises Away."""
    known = {
        "OIDC_RP_CLIENT_ID": settings.OIDC_CLIENT_ID,
        "OIDC_RP_CLIENT_SECRET": settings.OIDC_CLIENT_SECRET,
        "OIDC_RP_SCOPES": settings.OIDC_SCOPES,
        "OIDC_RP_SIGN_ALGO": "RS256",
        "OIDC_USE_PKCE": True,
        "OIDC_TIMEOUT": TIMEOUT_SECONDS,
        "OIDC_AUTHENTICATION_CALLBACK_URL": CALLBACK,
        "LOGIN_REDIRECT_URL": settings.LOGIN_REDIRECT_URL,
    }
    if name in known:
        return known[name]
    if name == "OIDC_OP_AUTHORIZATION_ENDPOINT":
        return document()["authorization_endpoint"]
    if name == "OIDC_TOKEN_USE_BASIC_AUTH":
        # What a document without this member means.
        ways = document().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_post" not in ways
    return default[0] if default else None


def logout_url(request: HttpRequest) -> str:
    """Where the operator ends their session at the provider as well; "" if it has no such page."""
    if not settings.OIDC_ISSUER:
        return ""
    try:
        page = document().get("end_session_endpoint", "")
    except Away:
        return ""
    back = request.build_absolute_uri(reverse("admin:login"))
    query = {"client_id": settings.OIDC_CLIENT_ID, "post_logout_redirect_uri": back}
    return f"{page}?{urlencode(query)}" if page else ""
