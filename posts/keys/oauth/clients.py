"""Clients: programs register themselves (RFC 7591), prove who they are, and are revoked."""

import hmac
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet

from destinations.runtime import addresses, clock
from posts.keys import keys
from posts.keys.oauth import limits, redirects, secret_values
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.models import ApiKey, OAuthClient

log = structlog.get_logger()

NAME_CHARS, MOST_REDIRECTS = 100, 10
UNNAMED = "A program without a name"
#: How long one is kept that no operator connected, and how many of those there may be.
UNUSED_FOR, MOST_UNUSED = timedelta(days=1), 1000


@dataclass(frozen=True, slots=True)
class Registered:
    """A new client; only its program knows the secret, which is blank for a public one."""

    client: OAuthClient
    secret: str = field(repr=False)


def register(said: Mapping[str, Any], address: str) -> Registered:
    """A new client as it describes itself, from this network. Raises OAuthRefused."""
    limits.demand(address, "oauth_registrations", limits.REGISTRATIONS, "registrations")
    network = addresses.wide(address)
    limits.demand(network, "oauth_registrations", limits.WIDE_REGISTRATIONS, "registrations")
    uris, method, name = _redirect_uris(said), _method(said), _name(said)
    now = clock.now()
    # Those whose consent page is open, or whose code was not exchanged, are younger.
    unused().filter(created_at__lt=now - UNUSED_FOR).delete()
    # Those that an operator allowed have a code to exchange.
    if count := limits.make_room(unused().filter(grants__isnull=True), MOST_UNUSED):
        log.warning("oauth_clients_made_place", count=count, most=MOST_UNUSED)
    secret = "" if method == OAuthClient.Method.NONE else secret_values.new_client_secret()
    client = OAuthClient.objects.create(
        name=name,
        redirect_uris=uris,
        method=method,
        secret_hash=keys.digest(secret) if secret else "",
        address=address,
        created_at=now,
    )
    log.info("oauth_client_registered", client=str(client.pk), name=name, ip=address)
    return Registered(client, secret)


def unused() -> QuerySet[OAuthClient]:
    """Those that no operator has connected yet."""
    return OAuthClient.objects.filter(connected_at__isnull=True)


def find(client_id: str) -> OAuthClient | None:
    """The client with this id, unless it was revoked."""
    try:
        number = uuid.UUID(client_id)
    except ValueError:
        return None
    # Not in another form of the same number: what is compared as text is one text.
    if str(number) != client_id:
        return None
    return OAuthClient.objects.filter(pk=number, revoked_at__isnull=True).first()


def authenticated(client_id: str, secret: str) -> OAuthClient:
    """The client that a call comes from. Raises OAuthRefused."""
    client = find(client_id)
    if client is None:
        raise OAuthRefused("invalid_client", "This client_id is unknown or revoked; register anew.")
    if client.is_public and not secret:
        return client
    if not hmac.compare_digest(keys.digest(secret), client.secret_hash):
        raise OAuthRefused("invalid_client", "The client_secret is missing or wrong.")
    return client


@transaction.atomic
def revoke(client: OAuthClient) -> bool:
    """End the client and all that it was allowed. False: it had ended already."""
    rows = OAuthClient.objects.select_for_update().filter(pk=client.pk, revoked_at__isnull=True)
    now = clock.now()
    if not rows.update(revoked_at=now):
        return False
    # The exchange of a code locks the client too, so no key of it comes after this. A refresh locks
    # its grant before it changes the key, and so do we.
    list(client.grants.select_for_update().order_by("pk").values_list("pk"))
    ApiKey.objects.filter(oauth_grant__client=client.pk, revoked_at__isnull=True).update(
        revoked_at=now
    )
    client.grants.update(ended_because="its client was revoked")
    return True


def _redirect_uris(said: Mapping[str, Any]) -> list[str]:
    given = said.get("redirect_uris")
    if not isinstance(given, list) or not 0 < len(given) <= MOST_REDIRECTS:
        raise OAuthRefused(
            "invalid_redirect_uri", f"Send 1 to {MOST_REDIRECTS} redirect_uris, as a list."
        )
    for uri in given:
        if wrong := redirects.problem(uri):
            raise OAuthRefused("invalid_redirect_uri", wrong)
    return list(dict.fromkeys(given))


def _method(said: Mapping[str, Any]) -> str:
    """As asked, and without a secret if nothing was asked for: PKCE protects either."""
    given = said.get("token_endpoint_auth_method") or OAuthClient.Method.NONE
    if given not in OAuthClient.Method.values:
        known = ", ".join(OAuthClient.Method.values)
        raise OAuthRefused("invalid_client_metadata", f"token_endpoint_auth_method: one of {known}")
    for field_name, needed in (("grant_types", "authorization_code"), ("response_types", "code")):
        asked = said.get(field_name)
        if asked and (not isinstance(asked, list) or needed not in asked):
            raise OAuthRefused("invalid_client_metadata", f"{field_name} must contain {needed}.")
    return str(given)


def _name(said: Mapping[str, Any]) -> str:
    """One line, without characters that hide, reorder or break what stands beside it."""
    given = said.get("client_name")
    words = given[:1000] if isinstance(given, str) else ""
    plain = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in words)
    return " ".join(plain.split())[:NAME_CHARS].strip() or UNNAMED
