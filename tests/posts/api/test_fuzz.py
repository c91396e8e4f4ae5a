"""Whatever is sent to an endpoint that writes: it is done, or refused in the envelope.

A few bodies for each here; `make fuzz` sends thousands (N=5000, SEED=1).
"""

import json
import os
import random
import re
from typing import Any

import pytest

from posts.api.errors import STATUS
from tests.posts.api.asking_all import RAW, WRITES, about, spoilt

BODIES = int(os.environ.get("FUZZ_BODIES", "40"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
TYPES = ("application/json",) * 20 + (
    "application/json; charset=utf-8",
    "application/json; charset=latin-1",
    "APPLICATION/JSON",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=a",
    "text/plain",
    "application/xml",
    "nonsense",
    "",
    "a/b;c=\xff",
)


def random_body(example: Any, dice: random.Random) -> bytes:
    if dice.random() < 0.1:
        return dice.choice(RAW)
    raw = json.dumps(spoilt(example, dice)).encode()
    if dice.random() < 0.1:
        cut = dice.randrange(len(raw) + 1)
        raw = raw[:cut] + bytes(dice.randrange(256) for _ in range(dice.randrange(4))) + raw[cut:]
    return raw


def assert_answered(response: Any, told: str) -> int:
    """Done or refused, and in the envelope."""
    status: int = response.status_code
    assert status < 500, (told, response.content[:500])
    assert response.headers["Content-Type"] == "application/json", told
    body = json.loads(response.content)
    assert re.fullmatch(r"req_[a-z0-9]+", body["meta"]["request_id"]), told
    if status < 300:
        assert {"data", "meta"} <= set(body), told
    else:
        assert set(body) == {"data", "error", "meta"}, told
        if body["error"] is None:  # none of many was made; each has its own
            assert status == 422, told
            assert not any(each["ok"] for each in body["data"]["results"]), told
            return status
        assert STATUS[body["error"]["code"]] == status, told
        assert body["error"]["message"], told
    return status


@pytest.mark.parametrize("endpoint", WRITES, ids=lambda each: each.name)
def test_no_body_breaks_an_endpoint_that_writes(ada, ids, endpoint):
    dice = random.Random(f"{SEED} {endpoint.name}")
    example = about(endpoint.body() or {}, ids)
    seen = set()

    for number in range(BODIES):
        raw, kind = random_body(example, dice), dice.choice(TYPES)
        response = ada.call(endpoint.method, endpoint.url(ids), data=raw, content_type=kind)
        told = f"seed {SEED}, body {number} ({kind}): {raw[:2000]!r}"
        seen.add(assert_answered(response, told))

    assert endpoint.body() is None or any(400 <= status < 500 for status in seen)
