"""Which server asks an account's owner for consent, and where its pages and calls are.

The account's server (PDS) names it, and both are strangers': every address is called as one that a
stranger named, and each document must name itself.

Source: https://atproto.com/specs/oauth, "Server Metadata", RFC 9728 and RFC 8414 (read 2026-12-01).
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from platforms.errors import Rejected
from platforms.http.client import Client

RESOURCE = "/.well-known/oauth-protected-resource"
SERVER = "/.well-known/oauth-authorization-server"
#: How servers without a login of this kind answer.
NONE = (404, 405, 410, 501)
URL_CHARS = 1000


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """Its origin, and the addresses that it names."""

    issuer: str
    consent_page: str
    token_endpoint: str
    #: Takes what the consent page will ask for (PAR, RFC 9126).
    request_endpoint: str


async def of_pds(pds: str, http: Client) -> AuthorizationServer:
    """Return the server that authorizes for an account's server. Raises PlatformError."""
    told = await _document(f"{pds}{RESOURCE}", http)
    named = told.get("authorization_servers")
    if told.get("resource") != pds or not isinstance(named, list) or len(named) != 1:
        raise _unusable(pds)
    return await at(str(named[0]), http)


async def at(issuer: str, http: Client) -> AuthorizationServer:
    """Return what the server at an origin says of itself. Raises PlatformError."""
    if issuer != f"https://{urlsplit(issuer).netloc}":
        raise _unusable(issuer)
    told = await _document(f"{issuer}{SERVER}", http)
    names = ("authorization_endpoint", "token_endpoint", "pushed_authorization_request_endpoint")
    addresses = [told.get(name) for name in names]
    # Without `iss` in its answers, one server's could be taken for another's (RFC 9207).
    says_who = told.get("authorization_response_iss_parameter_supported") is True
    if told.get("issuer") != issuer or not says_who or not all(map(_is_address, addresses)):
        raise _unusable(issuer)
    return AuthorizationServer(issuer, *map(str, addresses))


async def _document(url: str, http: Client) -> dict[str, Any]:
    answer = await http.get(url, accept=NONE, is_foreign=True)
    if answer.status in NONE:
        raise _unusable(url)
    return answer.json_object()


def _is_address(url: object) -> bool:
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url:
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and len(url) <= URL_CHARS


def _unusable(where: str) -> Rejected:
    host = urlsplit(where).hostname or "The account's server"
    return Rejected(
        f"{host} offers no sign-in that Dovecote can use; enter an app password.",
        code="handle_refused",
    )
