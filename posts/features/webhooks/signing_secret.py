"""The secret that signs a webhook's deliveries.

`whsec_` and the standard base64 of 32 random bytes. Verifiers of Standard Webhooks decode what
follows the prefix; others use the whole string as it is. In this form both can.
It must be read to sign, so it is encrypted and not hashed.
"""

import base64
import secrets

from destinations.accounts import encryption
from destinations.runtime import clock
from posts.features.webhooks.models import Webhook

PREFIX = "whsec_"
BYTES = 32


def create() -> str:
    """Create a secret, as its owner sees it once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def seal(secret: str) -> str:
    """Return the secret as it is stored."""
    return encryption.seal({"secret": secret})


def valid(webhook: Webhook) -> list[str]:
    """Return the secrets that sign now, newest first. Raises encryption.Unreadable."""
    sealed = [webhook.secret]
    until = webhook.previous_secret_until
    if webhook.previous_secret and until and until > clock.known():
        sealed.append(webhook.previous_secret)
    return [encryption.unseal(each)["secret"] for each in sealed]
