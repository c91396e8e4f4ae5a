"""Keys of the curve P-256, and what they sign (ES256).

A key is text, so that it can be kept among the facts of an account: its secret number in base64url.

Source: RFC 7517 (JWK), RFC 7638 (thumbprints), RFC 7518, 3.4 (ES256) (read 2026-12-01).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CURVE, ALGORITHM = ec.SECP256R1(), "ES256"
#: Of the secret number, and of each coordinate.
BYTES = 32


def new() -> str:
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return encoded(number.to_bytes(BYTES))


def public(key: str) -> dict[str, str]:
    """Return the public half, as a JSON web key."""
    point = _private(key).public_key().public_numbers()
    places = (encoded(number.to_bytes(BYTES)) for number in (point.x, point.y))
    return {"crv": "P-256", "kty": "EC", **dict(zip("xy", places, strict=True))}


def thumbprint(key: str) -> str:
    """Return what names the key."""
    return digest(json.dumps(public(key), sort_keys=True, separators=(",", ":")))


def signed(key: str, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Return a signed JSON web token."""
    return jwt.encode(dict(claims), _private(key), ALGORITHM, headers=dict(header))


def digest(text: str) -> str:
    return encoded(hashlib.sha256(text.encode()).digest())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _private(key: str) -> ec.EllipticCurvePrivateKey:
    content = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    return ec.derive_private_key(int.from_bytes(content), CURVE)
