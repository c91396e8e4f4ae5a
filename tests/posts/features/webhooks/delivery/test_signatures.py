"""Both kinds of verifiers accept what is sent, and neither accepts a change."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from posts.features.webhooks.delivery import signatures

BODY = '{"event":"post.published","data":{"name":"Ünï"}}'.encode()
IDS = {"event_id": UUID(int=1), "delivery_id": UUID(int=2)}


def signed(*secrets: str, at: datetime | None = None, body: bytes = BODY) -> dict[str, str]:
    moment = at or datetime.now(UTC)
    return signatures.headers(body, event="post.published", secrets=secrets, at=moment, **IDS)


def is_ours(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    """As the hosted service's clients verify."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers["X-PostEverywhere-Signature"], f"sha256={expected}")


def test_the_public_verifier_and_five_lines_of_hmac_accept_a_delivery() -> None:
    secret = signatures.create_secret()
    headers = signed(secret)
    assert Webhook(secret).verify(BODY, headers)["event"] == "post.published"
    assert is_ours(secret, BODY, headers)


def test_neither_accepts_another_body_or_another_secret() -> None:
    secret, other = signatures.create_secret(), signatures.create_secret()
    headers = signed(secret)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)
    assert not is_ours(secret, BODY + b" ", headers)
    assert not is_ours(other, BODY, headers)


def test_the_public_verifier_refuses_an_old_timestamp() -> None:
    secret = signatures.create_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY, signed(secret, at=datetime.now(UTC) - timedelta(minutes=6)))


def test_during_a_rotation_both_secrets_verify_and_the_single_signature_is_the_new_one_s() -> None:
    new, old = signatures.create_secret(), signatures.create_secret()
    headers = signed(new, old)
    assert Webhook(new).verify(BODY, headers)
    assert Webhook(old).verify(BODY, headers)
    assert is_ours(new, BODY, headers)
    assert not is_ours(old, BODY, headers)


def test_the_headers_name_the_event_and_the_delivery() -> None:
    headers = signed(signatures.create_secret(), at=datetime(2026, 1, 1, tzinfo=UTC))
    assert headers["X-PostEverywhere-Event"] == "post.published"
    assert headers["X-PostEverywhere-Delivery"] == str(IDS["delivery_id"])
    assert headers["webhook-id"] == str(IDS["event_id"])
    assert headers["X-PostEverywhere-Timestamp"] == headers["webhook-timestamp"] == "1767225600"
    assert headers["Content-Type"] == "application/json"


def test_a_secret_is_a_prefix_and_32_bytes_in_standard_base64() -> None:
    secret = signatures.create_secret()
    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 44
    assert signatures.create_secret() != secret
