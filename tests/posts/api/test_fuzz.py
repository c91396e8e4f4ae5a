"""No body breaks an endpoint that writes: each is accepted, or refused in the envelope.

Schemathesis makes bodies that fit the OpenAPI document and bodies that do not; Hypothesis makes
bytes and JSON of any kind. A few here; `make fuzz` sends thousands to each mount (N=5000, SEED=1).
"""

import copy
import json
import os
import re
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from config.web.documentation import COMPAT, REFERENCE, document
from config.wsgi import application
from posts.api.errors import STATUS
from tests.posts.api.endpoints import MOUNTS, OPEN, WRITES, about
from tests.posts.api.test_as_described import (
    one_connection,  # noqa: F401 - a fixture
    with_new_key,
    world,  # noqa: F401 - a fixture
)

SEED = int(os.environ.get("FUZZ_SEED", "1"))
#: How many to an endpoint of the reference mount, and of the other one, which has the same core.
BODIES, COMPAT_BODIES = (int(os.environ.get("FUZZ_BODIES", most)) for most in ("10", "3"))


def fuzz(most: int) -> Any:
    """Decorates a test that is given so many bodies."""
    wanted = settings(
        max_examples=most, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    return lambda test: seed(SEED)(wanted(test))


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


def writes(mount: str) -> Any:
    """The operations of a mount that do not only read."""
    found = copy.deepcopy(document(mount))
    for methods in found["paths"].values():
        methods.pop("get", None)
    made = schemathesis.openapi.from_dict(found, config=schemathesis.Config.from_dict(CONFIG))
    made.app = application
    return made


#: Only random requests; test_as_described.py sends the others.
CONFIG = {"phases": {"examples": {"enabled": False}, "coverage": {"enabled": False}}}


def assert_case_answered(case: Any, caller: Any, world: dict[str, str]) -> None:  # noqa: F811
    case.path_parameters = {name: world[name] for name in case.path_parameters or {}}
    assert_answered(with_new_key(case).call(headers={"Authorization": f"Bearer {caller.secret}"}))


@writes(REFERENCE).parametrize()
@fuzz(BODIES)
def test_no_body_breaks_an_endpoint_that_writes(case, ada, world):  # noqa: F811
    assert_case_answered(case, ada, world)


@writes(COMPAT).parametrize()
@fuzz(COMPAT_BODIES)
def test_no_body_breaks_an_endpoint_of_the_compatibility_mount(case, ada, world):  # noqa: F811
    assert_case_answered(case, ada, world)


@st.composite
def spoilt(draw: st.DrawFn, example: dict[str, Any]) -> bytes:
    """The example with some of its fields replaced or left out, or no JSON at all."""
    kept = {name: value for name, value in example.items() if draw(st.booleans())}
    return json.dumps(
        {**kept, **draw(st.dictionaries(st.sampled_from(list(example)), JSON))}
    ).encode()


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("endpoint", [*WRITES, *OPEN], ids=lambda each: each.name)
def test_no_bytes_break_an_endpoint_that_writes(ada, ids, unlimited, endpoint, mount):
    example = about(endpoint.body() or {}, ids) or {"a": 1}
    caller = replace(ada, mount=mount)

    @fuzz(BODIES if mount == ada.mount else COMPAT_BODIES)
    @given(st.binary() | JSON.map(lambda it: json.dumps(it).encode()) | spoilt(example), TYPES)
    def send(raw: bytes, content_type: str) -> None:
        assert_answered(
            caller.call(endpoint.method, endpoint.url(ids), data=raw, content_type=content_type)
        )

    send()
