"""Prove with each call that we hold the key that a token is bound to (DPoP).

Servers want a nonce of theirs in each proof, and change it every few minutes. A proof with an old
one is refused before anything else happens, so a call that is refused for that is made once more.

Source: RFC 9449; https://atproto.com/specs/oauth, "DPoP" (read 2026-12-01).
"""

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from platforms import clock
from platforms.bluesky.proof import keys
from platforms.drafts import Credentials
from platforms.http.client import Answer, Client
from platforms.http.failures import Body

#: The name of the key among an account's facts.
KEY = "dpop_key"
USE_NONCE = "use_dpop_nonce"
#: How a resource server refuses a proof, and how an authorization server does.
AT_RESOURCE, AT_ISSUER = (401,), (400, 401)
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
#: The last nonce of each server, for as many servers as told one last.
MOST_SERVERS = 1000
_nonces: dict[str, str] = {}


async def send(
    http: Client,
    key: str,
    method: str,
    url: str,
    *,
    token: str = "",
    headers: Mapping[str, str] = NO_HEADERS,
    content: Callable[[], Body] = lambda: None,
    accept: tuple[int, ...] = (),
    **options: Any,
) -> Answer:
    """Send a request with a proof, as `Client.request` does. `content` gives the body each time.

    The host is foreign. Raises PlatformError.
    """
    parts = urlsplit(url)
    server = f"{parts.scheme}://{parts.netloc}"
    refusals = AT_RESOURCE if token else AT_ISSUER
    authorization = {"Authorization": f"DPoP {token}"} if token else {}
    for is_last in (False, True):
        nonce = _nonces.get(server, "")
        proof = _proof(key, method, f"{server}{parts.path}", token, nonce)
        answer = await http.request(
            method,
            url,
            headers={**headers, **authorization, "DPoP": proof},
            content=content(),
            accept=(*accept, *refusals),
            is_foreign=True,
            **options,
        )
        told = answer.headers.get("dpop-nonce", "")
        _remember(server, told)
        if is_last or told in ("", nonce) or not _wants_nonce(answer, refusals):
            break
    if answer.status in refusals and answer.status not in accept:
        raise http.refused(answer)
    return answer


async def call(
    http: Client,
    account: Credentials,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] = NO_HEADERS,
    content: Callable[[], Body] = lambda: None,
    **options: Any,
) -> Answer:
    """Send a request that the account's token authorizes, with a proof if it is bound to a key."""
    if key := account.extra.get(KEY, ""):
        return await send(
            http, key, method, url,
            token=account.token, headers=headers, content=content, **options,
        )  # fmt: skip
    known = {**account.bearer, **headers}
    return await http.request(
        method, url, headers=known, content=content(), is_foreign=True, **options
    )


def _proof(key: str, method: str, address: str, token: str, nonce: str) -> str:
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": address,
        "iat": int(clock.unix_seconds()),
    }
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = keys.digest(token)
    return keys.signed(key, {"typ": "dpop+jwt", "jwk": keys.public(key)}, claims)


def _wants_nonce(answer: Answer, refusals: tuple[int, ...]) -> bool:
    if answer.status not in refusals:
        return False
    challenge = answer.headers.get("www-authenticate", "")
    return answer.error_body().get("error") == USE_NONCE or f'"{USE_NONCE}"' in challenge


def _remember(server: str, nonce: str) -> None:
    if nonce:
        _nonces.pop(server, None)
        _nonces[server] = nonce
    while len(_nonces) > MOST_SERVERS:
        _nonces.pop(next(iter(_nonces)), None)
