"""No body breaks an endpoint that writes: each is accepted, or refused in the envelope.

Schemathesis makes bodies that fit the OpenAPI document and bodies that do not; Hypothesis makes
bytes and JSON of any kind. A few here; `make fuzz` sends thousands (N=5000, SEED=1).
"""

import copy
import json
import os
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from config.web.documentation import document
from config.wsgi import application
from posts.api.errors import STATUS
from tests.posts.api.endpoints import WRITES, about
from tests.posts.api.test_as_described import (
    one_connection,  # noqa: F401 - a fixture
    with_new_key,
    world,  # noqa: F401 - a fixture
)

SEED = int(os.environ.get("FUZZ_SEED", "1"))
FUZZ = settings(
    max_examples=int(os.environ.get("FUZZ_BODIES", "10")),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
TYPES = st.sampled_from(
    ["application/json"] * 5
    + ["APPLICATION/JSON", "application/json; charset=latin-1", "multipart/form-data; boundary=a"]
    + ["application/x-www-form-urlencoded", "text/plain", "nonsense", "", "a/b;c=\xff"]
)


def assert_answered(response: Any) -> None:
    """Done or refused, and in the envelope."""
    status: int = response.status_code
    assert status < 500, response.content[:500]
    headers = {name.lower(): value for name, value in response.headers.items()}
    assert "application/json" in headers["content-type"]
    body = json.loads(response.content)
    assert re.fullmatch(r"req_[a-z0-9]+", body["meta"]["request_id"])
    if status < 300:
        assert {"data", "meta"} <= set(body)
    elif body["error"] is None:  # none of many was made; each has its own
        assert status == 422
        assert not any(each["ok"] for each in body["data"]["results"])
    else:
        assert set(body) == {"data", "error", "meta"}
        assert STATUS[body["error"]["code"]] == status
        assert body["error"]["message"]


def writes() -> dict[str, Any]:
    """The OpenAPI document without what only reads."""
    found = copy.deepcopy(document())
    for methods in found["paths"].values():
        methods.pop("get", None)
    return found


#: Only random requests; test_as_described.py sends the others.
CONFIG = {"phases": {"examples": {"enabled": False}, "coverage": {"enabled": False}}}
schema = schemathesis.openapi.from_dict(writes(), config=schemathesis.Config.from_dict(CONFIG))
schema.app = application


@schema.parametrize()
@seed(SEED)
@FUZZ
def test_no_body_breaks_an_endpoint_that_writes(case, ada, world):  # noqa: F811
    case.path_parameters = {name: world[name] for name in case.path_parameters or {}}
    assert_answered(with_new_key(case).call(headers={"Authorization": f"Bearer {ada.secret}"}))


@st.composite
def spoilt(draw: st.DrawFn, example: dict[str, Any]) -> bytes:
    """The example with some of its fields replaced or left out, or no JSON at all."""
    kept = {name: value for name, value in example.items() if draw(st.booleans())}
    return json.dumps(
        {**kept, **draw(st.dictionaries(st.sampled_from(list(example)), JSON))}
    ).encode()


@pytest.mark.parametrize("endpoint", WRITES, ids=lambda each: each.name)
def test_no_bytes_break_an_endpoint_that_writes(ada, ids, endpoint):
    example = about(endpoint.body() or {}, ids) or {"a": 1}

    @seed(SEED)
    @FUZZ
    @given(st.binary() | JSON.map(lambda it: json.dumps(it).encode()) | spoilt(example), TYPES)
    def send(raw: bytes, content_type: str) -> None:
        assert_answered(
            ada.call(endpoint.method, endpoint.url(ids), data=raw, content_type=content_type)
        )

    send()
