"""Deliveries of a running Dovecote are verified; changed, old and strange ones are refused."""

import base64
import json
import uuid
from typing import Any

import pytest

from tests.acceptance.stack import Stack
from tests.clients.published.ground import ground
from tests.clients.typescript.package import Program

pytestmark = pytest.mark.needs("node", "npm")
BODY_ALONE = {"scheme": "posteverywhere"}


def test_deliveries_are_verified_by_both_signatures(stack: Stack, program: Program):
    with ground(stack) as around:
        hook = {"url": around.receiver(), "events": ["post.published"]}
        made = around.team.http.post("webhooks", json=hook).json()["data"]
        around.team.published(around.team.post(uuid.uuid4().hex, [around.of("x")]))
        stack.wait("the delivery", lambda: around.stranger.received)
        rotated = around.team.http.post(f"webhooks/{made['id']}/rotate-secret", json={}).json()
        around.team.published(around.team.post(uuid.uuid4().hex, [around.of("x")]))
        stack.wait("the second delivery", lambda: len(around.stranger.received) == 2)
        first, second = around.stranger.received
        links = [public["url"] for public in around.team.wall()]
        old, new = made["secret"], rotated["data"]["secret"]
        told = json.loads(
            program.play(
                "verifying",
                url=stack.url,
                key=around.key,
                deliveries=deliveries(first, second, old, new),
            )
        )

    answered = {name: each["answered"] for name, each in told.items() if "answered" in each}
    assert set(answered) == {
        "standard",
        "body alone",
        "while rotated",
        "rotated",
        "two secrets",
        "text",
    }
    assert set(answered.values()) == set(links)
    refused = {name: each for name, each in told.items() if name not in answered}
    assert {each["name"] for each in refused.values()} == {"WebhookVerificationError"}
    assert set(refused) == {
        "changed", "changed, body alone", "too old", "from the future", "strange secret",
        "no headers", "body alone after rotation", "no base64", "another id",
        "only the other signature",
    }  # fmt: skip


def deliveries(first: Any, second: Any, old: str, new: str) -> dict[str, Any]:
    headers, body = dict(first[0]), base64.b64encode(first[1]).decode()
    genuine = {"secret": old, "headers": headers, "body": body}
    later = {"headers": dict(second[0]), "body": base64.b64encode(second[1]).decode()}
    changed = base64.b64encode(first[1].replace(b"post.published", b"post.deleted..")).decode()
    lower = {name.lower(): value for name, value in headers.items()}
    at = int(lower["webhook-timestamp"])
    standard = [name for name in headers if name.lower().startswith("webhook-")]
    return {
        "standard": genuine,
        "text": {**genuine, "headers": lower},
        "body alone": {**genuine, "options": BODY_ALONE},
        "while rotated": {**later, "secret": old},
        "rotated": {**later, "secret": new, "options": BODY_ALONE},
        "two secrets": {**genuine, "secret": [new, old]},
        "changed": {**genuine, "body": changed},
        "changed, body alone": {**genuine, "body": changed, "options": BODY_ALONE},
        "too old": {**genuine, "options": {"now": (at + 301) * 1000}},
        "from the future": {**genuine, "options": {"now": (at - 301) * 1000}},
        "strange secret": {**genuine, "secret": new},
        "body alone after rotation": {**later, "secret": old, "options": BODY_ALONE},
        "no headers": {**genuine, "headers": {}},
        "no base64": {**genuine, "secret": "whsec_!"},
        "another id": {**genuine, "headers": {**headers, standard[0]: str(uuid.uuid4())}},
        "only the other signature": {
            **genuine,
            "headers": {name: value for name, value in headers.items() if name not in standard},
        },
    }
