"""Deliveries that the server really sends are verified; what is forged or old is not."""

import json
import time
from datetime import UTC, datetime
from types import ModuleType
from uuid import uuid4

import pytest

from posts.features.webhooks.delivery import signatures
from tests.clients.published.ground import Ground

EVENT = {"event": "post.published", "created_at": "2026-01-02T03:04:05.000000Z", "data": {"a": 1}}
BODY = json.dumps({**EVENT, "event_id": str(uuid4()), "organization_id": "o"}).encode()


@pytest.fixture
def secret() -> str:
    return signatures.create_secret()


def signed(*secrets: str, at: float | None = None, body: bytes = BODY) -> dict[str, str]:
    return signatures.headers(
        body,
        event="post.published",
        event_id=uuid4(),
        delivery_id=uuid4(),
        secrets=secrets,
        at=datetime.fromtimestamp(at or time.time(), UTC),
    )


def test_what_the_server_sends_is_genuine_by_both_signatures(
    dovecote: ModuleType, client, ground: Ground
):
    hook = client.webhooks.create(url=ground.receiver(), events=["post.published"])
    post = client.posts.publish("Heard of", "x")
    received = ground.stack.wait("a delivery", lambda: ground.stranger.received)

    headers, body = received[0]
    for verify in (dovecote.webhooks.verify, dovecote.webhooks.verify_body):
        event = verify(hook.secret, body, dict(headers))
        assert event.name == "post.published"
        assert event.id == headers["webhook-id"]
        assert event.data["post_id"] == post.id


@pytest.mark.parametrize("by", ["verify", "verify_body"])
def test_what_was_changed_or_is_old_is_refused(dovecote: ModuleType, secret: str, by: str):
    verify = getattr(dovecote.webhooks, by)
    verify(secret, BODY, signed(secret))
    refused = [
        (BODY + b" ", signed(secret)),
        (BODY, signed(signatures.create_secret())),
        (BODY, signed(secret, at=time.time() - 301)),
        (BODY, signed(secret, at=time.time() + 301)),
        (BODY, {}),
    ]

    for body, headers in refused:
        with pytest.raises(dovecote.errors.InvalidSignature):
            verify(secret, body, headers)


def test_its_time_is_signed_too(dovecote: ModuleType, secret: str):
    headers = {**signed(secret, at=time.time() - 301), "webhook-timestamp": str(int(time.time()))}

    with pytest.raises(dovecote.errors.InvalidSignature):
        dovecote.webhooks.verify(secret, BODY, headers)


def test_either_secret_is_good_while_they_are_exchanged(dovecote: ModuleType, secret: str):
    new = signatures.create_secret()

    assert dovecote.webhooks.verify(secret, BODY, signed(new, secret))
    assert dovecote.webhooks.verify([new, secret], BODY, signed(secret))
    assert dovecote.webhooks.verify_body([new, secret], BODY, signed(secret))
