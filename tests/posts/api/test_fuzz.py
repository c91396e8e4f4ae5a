"""No body breaks an endpoint that writes: each is accepted, or refused in the envelope.

Schemathesis makes bodies that fit the OpenAPI document and bodies that do not; Hypothesis makes
bytes and JSON of any kind. A few here; `make fuzz` sends thousands to each mount (N=5000, SEED=1).
"""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.posts.api import generated
from tests.posts.api.endpoints import MOUNTS, OPEN, WRITES, about
from tests.posts.api.generated import one_connection, world
from tests.posts.api.walk.judged import REFERENCE, Judged, every, judged, wrong_with_envelope

__all__ = ["one_connection", "world"]

SEED = int(os.environ.get("FUZZ_SEED", "1"))
#: How many to an endpoint of the reference mount, and of the other one, which has the same core.
BODIES, COMPAT_BODIES = (int(os.environ.get("FUZZ_BODIES", most)) for most in ("10", "3"))
each_endpoint = pytest.mark.parametrize("endpoint", [*WRITES, *OPEN], ids=lambda each: each.name)
both_mounts = pytest.mark.parametrize("mount", MOUNTS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
TYPES = st.sampled_from(
    ["application/json"] * 5
    + ["APPLICATION/JSON", "application/json; charset=latin-1", "multipart/form-data; boundary=a"]
    + ["application/x-www-form-urlencoded", "text/plain", "nonsense", "", "a/b;c=\xff"]
)


@st.composite
def spoilt(draw: st.DrawFn, example: dict[str, Any]) -> bytes:
    """The example with some of its fields replaced or left out, or no JSON at all."""
    kept = {name: value for name, value in example.items() if draw(st.booleans())}
    return json.dumps(
        {**kept, **draw(st.dictionaries(st.sampled_from(list(example)), JSON))}
    ).encode()


def send_bytes(caller: Judged, endpoint: Any, ids: dict[str, str], most: int) -> None:
    """So many bodies of any kind; what may be answered is judged."""
    example = about(endpoint.body() or {}, ids) or {"a": 1}

    @seed(SEED)
    @settings(
        max_examples=most, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.binary() | JSON.map(lambda it: json.dumps(it).encode()) | spoilt(example), TYPES)
    def send(raw: bytes, content_type: str) -> None:
        caller.call(endpoint.method, endpoint.url(ids), data=raw, content_type=content_type)

    send()


def test_a_few_bytes_break_no_endpoint_that_writes(ada, ids, unlimited):
    caller = judged(ada)

    every([*WRITES, *OPEN][::3], lambda endpoint: send_bytes(caller, endpoint, ids, most=2))


@pytest.mark.thorough
@both_mounts
@each_endpoint
def test_no_bytes_break_an_endpoint_that_writes(ada, ids, unlimited, endpoint, mount):
    most = BODIES if mount == REFERENCE else COMPAT_BODIES

    send_bytes(judged(ada, mount), endpoint, ids, most)


@pytest.mark.thorough
@both_mounts
@each_endpoint
def test_no_body_breaks_an_endpoint_that_writes(ada, world, endpoint, mount):
    def ask(case):
        answer = generated.about(case, world).call_and_validate(
            headers={"Authorization": f"Bearer {ada.secret}"}, checks=generated.SHAPE
        )
        assert not wrong_with_envelope(answer.json(), answer.status_code, mount)

    most = BODIES if mount == REFERENCE else COMPAT_BODIES
    generated.send(endpoint, mount, ask, most=most, seed=SEED)
