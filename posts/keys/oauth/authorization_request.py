"""What a client asks an operator for: the parameters of the authorization request."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings

from posts.keys.oauth import clients, redirects
from posts.keys.oauth.oauth_errors import OAuthError, OAuthRefused
from posts.models import ApiKey, OAuthClient

#: Of the SHA-256 in base64url, without padding.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
#: RFC 6749 A.5: what is printable.
_STATE = re.compile(r"[\x20-\x7e]{0,2000}")
#: What a token may be for: agents, everything, or the API.
RESOURCES = ("/mcp", "", "/api/v1")
#: Asked for when a client names no scope.
USUAL_SCOPES = (ApiKey.Scope.READ, ApiKey.Scope.WRITE)


class CannotReturn(Exception):
    """The client or its redirect URI is not known, so nothing may be sent there."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request of a known client, with a redirect URI of its own."""

    client: OAuthClient
    redirect_uri: str
    state: str | None

    def answer(self, **found: str) -> str:
        """The redirect URI with our answer; RFC 9207 has it name us."""
        state = {} if self.state is None else {"state": self.state}
        return redirects.with_answer(
            self.redirect_uri, {**found, **state, "iss": settings.PUBLIC_URL}
        )

    def refusal(self, error: OAuthError, description: str) -> str:
        return self.answer(error=error, error_description=description)


@dataclass(frozen=True, slots=True)
class RequestedAccess:
    """What the client wants; all of it is valid."""

    scopes: tuple[str, ...]
    challenge: str
    resource: str


Given = Mapping[str, list[str]]


def who(given: Given) -> AuthorizationRequest:
    """Return who asks, and where the answer goes. Raises CannotReturn."""
    client = clients.find(_single(given, "client_id"))
    if client is None:
        raise CannotReturn(
            "The program is not registered here, or was revoked. Connect it anew from the program."
        )
    uri = _single(given, "redirect_uri")
    if not uri and "redirect_uri" not in given and len(client.redirect_uris) == 1:
        uri = client.redirect_uris[0]
    if not any(redirects.is_same(known, uri) for known in client.redirect_uris):
        raise CannotReturn(
            "The program asks to be answered at an address that it did not register. This may be "
            "an attack; nothing was sent there."
        )
    states = given.get("state", [])
    usable = len(states) == 1 and _STATE.fullmatch(states[0])
    return AuthorizationRequest(client, uri, states[0] if usable else None)


def what(given: Given) -> RequestedAccess:
    """Return what is wanted. Raises OAuthRefused, which may be sent to the client."""
    if any(len(values) > 1 for values in given.values()):
        raise OAuthRefused("invalid_request", "No parameter may be sent more than once.")
    if "state" in given and not _STATE.fullmatch(given["state"][0]):
        raise OAuthRefused("invalid_request", "state: at most 2000 printable characters.")
    if _single(given, "response_type") != "code":
        raise OAuthRefused("unsupported_response_type", "response_type must be code.")
    for name in ("request", "request_uri"):
        if name in given:
            raise OAuthRefused(f"{name}_not_supported", "Send plain parameters.")  # type: ignore[arg-type]
    if _single(given, "response_mode") not in ("", "query"):
        raise OAuthRefused("invalid_request", "response_mode must be query.")
    if _single(given, "prompt") == "none":
        raise OAuthRefused("consent_required", "An operator must agree on a page each time.")
    return RequestedAccess(_scopes(given), _challenge(given), resource(_single(given, "resource")))


def resource(given: str) -> str:
    """The resource as it is stored; everything if none is named. Raises OAuthRefused for another
    server's.
    """
    if not given:
        return settings.PUBLIC_URL
    known = {settings.PUBLIC_URL + path for path in RESOURCES}
    plain = given.removesuffix("/")
    if plain not in known:
        raise OAuthRefused(
            "invalid_target", f"resource must be {settings.PUBLIC_URL}{RESOURCES[0]}."
        )
    return plain


def _scopes(given: Given) -> tuple[str, ...]:
    """Those that exist of what was asked for; programs ask for others by habit."""
    asked: Iterable[str] = _single(given, "scope").split() or USUAL_SCOPES
    known = tuple(scope for scope in ApiKey.Scope.values if scope in asked)
    if not known:
        raise OAuthRefused("invalid_scope", f"scope: some of {' '.join(ApiKey.Scope.values)}.")
    return known


def _challenge(given: Given) -> str:
    """PKCE by S256 only: `plain` shows the verifier in the address."""
    if _single(given, "code_challenge_method") != "S256":
        raise OAuthRefused("invalid_request", "code_challenge_method must be S256 (PKCE).")
    challenge = _single(given, "code_challenge")
    if not _CHALLENGE.fullmatch(challenge):
        raise OAuthRefused("invalid_request", "code_challenge must be a SHA-256 in base64url.")
    return challenge


def _single(given: Given, name: str) -> str:
    """The one value; blank if it was sent never, or more than once."""
    values = given.get(name, [])
    return values[0] if len(values) == 1 else ""
