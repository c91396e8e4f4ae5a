"""Sign a delivery: two signatures from one secret, which this module makes and reads.

Verifiers of the hosted service's clients take the whole secret, prefix included, as the key and
sign the raw body alone; they compare one value. Those of Standard Webhooks decode what follows the
prefix and sign `id.timestamp.body`; they accept any of several values, so that a secret can be
rotated without a gap.
Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

The secret is `whsec_` and the standard base64 of 32 random bytes. Verifiers of Standard Webhooks
decode what follows the prefix; others use the whole string as it is. In this form both can. It must
be read to sign, so it is encrypted and not hashed.
"""

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

from destinations.accounts import encryption
from destinations.runtime import clock
from posts.features.webhooks.models import Webhook


def headers(
    body: bytes,
    *,
    event: str,
    event_id: uuid.UUID,
    delivery_id: uuid.UUID,
    secrets: Sequence[str],
    at: datetime,
) -> dict[str, str]:
    """Return the headers of one attempt at this moment; `secrets` newest first."""
    seconds = str(int(at.timestamp()))
    signed = f"{event_id}.{seconds}.".encode() + body
    return {
        "Content-Type": "application/json",
        "User-Agent": "Dovecote-Webhooks",
        "X-PostEverywhere-Event": event,
        "X-PostEverywhere-Delivery": str(delivery_id),
        "X-PostEverywhere-Timestamp": seconds,
        "X-PostEverywhere-Signature": f"sha256={_hmac(secrets[0].encode(), body).hex()}",
        "webhook-id": str(event_id),
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(_standard(secret, signed) for secret in secrets),
    }


def _standard(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return f"v1,{base64.b64encode(_hmac(key, signed)).decode()}"


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


PREFIX = "whsec_"
BYTES = 32


def create_secret() -> str:
    """Create a secret, as its owner sees it once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def seal_secret(secret: str) -> str:
    """Return the secret as it is stored."""
    return encryption.seal({"secret": secret})


def valid_secrets(webhook: Webhook) -> list[str]:
    """Return the secrets that sign now, newest first. Raises encryption.Unreadable."""
    sealed = [webhook.secret]
    until = webhook.previous_secret_until
    if webhook.previous_secret and until and until > clock.known():
        sealed.append(webhook.previous_secret)
    return [encryption.unseal(each)["secret"] for each in sealed]
