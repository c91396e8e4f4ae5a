"""Whether a webhook was really sent by your installation: `verify(secret, body, headers)`."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dovecote._api_error import InvalidSignature

PREFIX = "whsec_"
#: How old, or how early by differing clocks, what arrives may be.
TOLERANCE_SECONDS = 300.0


@dataclass(frozen=True)
class Event:
    """An event may arrive twice, and in any order: drop an `id` you know, sort by `created_at`."""

    id: str
    #: Such as `post.published`.
    name: str
    created_at: datetime
    data: Mapping[str, Any]
    #: All of what was sent.
    payload: Mapping[str, Any]


def verify(
    secret: str | Sequence[str],
    body: bytes,
    headers: Mapping[str, str],
    *,
    tolerance: float = TOLERANCE_SECONDS,
) -> Event:
    """The event, if it is genuine and recent, by Standard Webhooks.

    `body` is what arrived, byte for byte. Of several secrets one must have signed, as while they
    are exchanged. Raises InvalidSignature.
    """
    found = {name.lower(): value for name, value in headers.items()}
    sent_id, sent_at = found.get("webhook-id", ""), found.get("webhook-timestamp", "")
    _recent(sent_at, tolerance)
    signed = f"{sent_id}.{sent_at}.".encode() + body
    versions = (each.partition(",") for each in found.get("webhook-signature", "").split())
    given = [signature for version, _, signature in versions if version == "v1"]
    for key in map(_key, _several(secret)):
        expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        if any(_same(expected, each) for each in given):
            return _event(body)
    raise InvalidSignature("The signature is not that of this secret.")


def verify_body(
    secret: str | Sequence[str],
    body: bytes,
    headers: Mapping[str, str],
    *,
    tolerance: float = TOLERANCE_SECONDS,
) -> Event:
    """The same by `X-PostEverywhere-Signature`, for receivers of the original service's scheme.

    It signs the body alone, not its time: who has seen one delivery can send it again later.
    """
    found = {name.lower(): value for name, value in headers.items()}
    _recent(found.get("x-posteverywhere-timestamp", ""), tolerance)
    given = found.get("x-posteverywhere-signature", "")
    for each in _several(secret):
        if _same(f"sha256={hmac.digest(each.encode(), body, hashlib.sha256).hex()}", given):
            return _event(body)
    raise InvalidSignature("The signature is not that of this secret.")


def _several(secret: str | Sequence[str]) -> Sequence[str]:
    return [secret] if isinstance(secret, str) else secret


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("A webhook's secret is `whsec_` and base64.") from None


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())


def _recent(sent_at: str, tolerance: float) -> None:
    if not (sent_at.isascii() and sent_at.isdigit()):
        raise InvalidSignature("It does not say when it was sent.")
    if abs(time.time() - int(sent_at)) > tolerance:
        raise InvalidSignature("It was sent too long ago, or the clocks differ.")


def _event(body: bytes) -> Event:
    payload = json.loads(body)
    return Event(
        id=payload["event_id"],
        name=payload["event"],
        created_at=datetime.fromisoformat(payload["created_at"]),
        data=payload["data"],
        payload=payload,
    )
