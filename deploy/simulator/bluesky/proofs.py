"""Proofs that a caller holds the key of its token (DPoP), and the nonces that they must hold."""

import base64
import hashlib
import json
import time
from typing import Any

import jwt
from starlette.requests import Request

from deploy.simulator.network import Network

#: How long a nonce is told; the one before is taken too.
NONCE_SECONDS = 60
#: How far the clock of a caller may be from ours.
CLOCK_SECONDS = 180
KEY_FIELDS = {"kty", "crv", *"xy"}


class NoProof(Exception):
    """A proof is missing or wrong. `error` is the word for it."""

    def __init__(self, error: str, said: str) -> None:
        super().__init__(said)
        self.error, self.said = error, said


def nonce(network: Network, before: int = 0) -> str:
    """The nonce of this time, or of as many times before."""
    number = int(network.store.now() // NONCE_SECONDS) - before
    return digest(f"{network.key} {number}")[:22]


def check(network: Network, request: Request, token: str = "") -> str:
    """Return what names the key of a call's proof. Raises NoProof."""
    sent = request.headers.get("dpop", "")
    if not sent:
        raise NoProof("invalid_dpop_proof", "DPoP proof required")
    key, claims = _opened(sent)
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise _wrong('DPoP "jti" missing')
    if abs(claims["iat"] - time.time()) > CLOCK_SECONDS:
        said = '"iat" claim timestamp check failed (too far in the past)'
        raise _wrong(f"Failed to verify DPoP proof: {said}")
    if claims.get("htm") != request.method:
        raise _wrong('DPoP "htm" mismatch')
    if claims.get("htu") != f"https:/{request.url.path}":
        raise _wrong('DPoP "htu" mismatch')
    if "nonce" not in claims:
        raise NoProof("use_dpop_nonce", "Authorization server requires nonce in DPoP proof")
    if claims["nonce"] not in (nonce(network), nonce(network, 1)):
        raise NoProof("use_dpop_nonce", 'DPoP "nonce" mismatch')
    if claims.get("ath") != (digest(token) if token else None):
        raise _wrong('DPoP "ath" mismatch')
    if network.store.get(network.key, "proof", claims["jti"]):
        raise _wrong("DPoP proof replayed")
    network.store.put(network.key, "proof", claims["jti"], "", {"at": network.store.now()})
    return digest(json.dumps(key, sort_keys=True, separators=(",", ":")))


def digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _opened(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the key of a proof and what it says. Raises NoProof."""
    try:
        header = jwt.get_unverified_header(proof)
        key = header["jwk"]
        if header["typ"] != "dpop+jwt" or key.keys() != KEY_FIELDS:
            raise _wrong("Failed to verify DPoP proof: the header does not fit")
        options: Any = {"require": ["iat"], "verify_iat": False}
        known = jwt.PyJWK({**key, "alg": "ES256"})
        return key, jwt.decode(proof, known, algorithms=["ES256"], options=options)
    except (jwt.PyJWTError, KeyError, AttributeError) as problem:
        raise _wrong(f"Failed to verify DPoP proof: {problem}") from None


def _wrong(said: str) -> NoProof:
    return NoProof("invalid_dpop_proof", said)
