"""Who we are to authorization servers: an address of this installation, where they read about us.

An installation on https has a key, and proves with it that it is the one. One on 127.0.0.1, for
development, has an address that says all there is to know; servers forget its logins sooner.

Source: https://atproto.com/specs/oauth, "Clients" and "Localhost Client Development"; RFC 7523, 3.
The scopes: https://atproto.com/guides/scopes has no plan to end the transitional ones, and says
that the finer ones still change (read 2026-12-01).
"""

import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from platforms import clock
from platforms.bluesky.proof import keys
from platforms.errors import Rejected
from platforms.oauth import App

SCOPES = ("atproto", "transition:generic")
#: How the addresses of our redirect and of our documents end, below one folder.
RETURN, METADATA, KEYS = "/return", "/client-metadata.json", "/jwks.json"
LOCAL, LOOPBACK = "http://localhost", ("127.0.0.1", "::1")
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
NO_ADDRESS = (
    "Servers take no sign-in from this installation: its PUBLIC_URL is neither on https nor on "
    "127.0.0.1. Enter an app password, or ask its operator."
)


def id_of(redirect_uri: str) -> str:
    """Return our address as a client. Raises Rejected if this installation can have none."""
    parts = urlsplit(redirect_uri)
    if parts.scheme == "https":
        return redirect_uri.removesuffix(RETURN) + METADATA
    if parts.hostname in LOOPBACK:
        return f"{LOCAL}?{urlencode({'redirect_uri': redirect_uri, 'scope': ' '.join(SCOPES)})}"
    raise Rejected(NO_ADDRESS, code="unsupported")


def has_key(client_id: str) -> bool:
    return not client_id.startswith(LOCAL)


def metadata(redirect_uri: str) -> dict[str, Any]:
    """Return what servers read about us at our address."""
    return {
        "client_id": id_of(redirect_uri),
        "client_name": "Dovecote",
        "client_uri": "{0.scheme}://{0.netloc}".format(urlsplit(redirect_uri)),
        "application_type": "web",
        "redirect_uris": [redirect_uri],
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": " ".join(SCOPES),
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": keys.ALGORITHM,
        "jwks_uri": redirect_uri.removesuffix(RETURN) + KEYS,
    }


def public_keys(key: str) -> dict[str, Any]:
    """Return the document with what proves our signature."""
    facts = {"kid": keys.thumbprint(key), "use": "sig", "alg": keys.ALGORITHM}
    return {"keys": [{**keys.public(key), **facts}]}


def credentials(app: App, issuer: str) -> dict[str, str]:
    """Return the fields of a form by which a server knows us."""
    known = {"client_id": app.client_id}
    if not has_key(app.client_id):
        return known
    now = int(clock.unix_seconds())
    claims = {
        "iss": app.client_id,
        "sub": app.client_id,
        "aud": issuer,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    header = {"kid": keys.thumbprint(app.client_secret)}
    signed = keys.signed(app.client_secret, header, claims)
    return {**known, "client_assertion_type": ASSERTION, "client_assertion": signed}
