"""Each request of the adapter is one of Pinterest's published OpenAPI document.

`continuous_refresh` stands in the document's words alone. The form of an upload is Amazon's, and is
not in it.
"""

import json
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown
from platforms.pinterest.oauth import PinterestOAuth
from tests.conftest import Simulator
from tests.platforms.connecting import Connecting
from tests.platforms.driver import published
from tests.platforms.pinterest import steps
from tests.platforms.specifications import Sent, Specification, watch

PINTEREST = Specification(Path(__file__).parent, {"page_size": int, "pin_metrics": "true".__eq__})
DRAFTS = [steps.IMAGE, steps.CAROUSEL, steps.MOVING, steps.COVERED, steps.IN_SECTION]


def check(sent: Sent) -> str:
    """Return the operation of a request that the specification allows."""
    name = PINTEREST.check_address(sent)
    known = PINTEREST.operations[name]
    [needed] = known["security"]
    scheme = "Basic " if "basic" in needed else "Bearer "
    assert sent.headers["Authorization"].startswith(scheme)
    assert set(needed.get("pinterest_oauth2", ())) <= set(PinterestOAuth.scopes)
    if sent.body:
        assert sent.headers["Content-Type"] == known["type"]
        is_json = known["type"] == "application/json"
        said = json.loads(sent.body) if is_json else dict(parse_qsl(sent.body.decode()))
        assert PINTEREST.problems(said, known["body"]) == [], said
    return name


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Every request to the API that leaves."""
    return watch(monkeypatch, PINTEREST.server)


def go_through(simulator: Simulator, draft: Draft) -> None:
    """Publish, lose the answer and look, read, delete."""
    d = steps.drive(simulator)
    d.fault(call="create_pin", drop="after", times=1)
    assert type(d.fails(draft)) is OutcomeUnknown
    found = published(d.find(draft))
    assert d.shows_as_own(found.id) is True
    d.read_metrics(found.id)
    d.read_followers()
    assert d.delete(found.id) == "deleted"


def test_each_request_is_one_of_the_specification(
    simulator: Simulator, c: Connecting, asked: list[Sent]
):
    for draft in DRAFTS:
        go_through(simulator, draft)
    tokens = c.tokens()
    c.profiles(tokens)
    c.refresh(tokens)
    assert {check(sent) for sent in asked} == set(PINTEREST.operations)


def test_the_answers_of_the_simulator_are_those_of_the_specification(simulator: Simulator):
    d = steps.drive(simulator)
    pin = published(d.finish(steps.IMAGE)).id
    [listed] = simulator.http.get(
        f"/api.pinterest.com/v5/boards/{d.account.platform_account_id}/pins",
        headers=d.account.bearer,
    ).json()["items"]
    assert (listed["id"], listed["media"]["media_type"]) == (pin, "image")
    body = PINTEREST.operations["POST /pins"]["body"]["properties"]
    for name, schema in body.items():
        assert name == "media_source" or PINTEREST.problems(listed[name], schema) == [], name


@pytest.mark.parametrize(
    "body",
    [
        {"title": "a" * 101},
        {"description": "a" * 801},
        {"alt_text": "a" * 501},
        {"board_id": "a"},
        {"text": "Coo"},
        {"media_source": {"source_type": "image_base64", "content_type": "image/png"}},
        {"media_source": {"source_type": "multiple_image_base64", "items": []}},
        {"media_source": {"source_type": "video_id", "media_id": "a"}},
    ],
)
def test_the_extract_refuses_what_pinterest_would(body: dict):
    known = PINTEREST.operations["POST /pins"]["body"]
    assert PINTEREST.problems({"board_id": "5", "title": "Coo"}, known) == []
    assert PINTEREST.problems(body, known) != []
