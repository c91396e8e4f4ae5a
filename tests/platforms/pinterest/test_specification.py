"""Each request of the adapter is one of Pinterest's published OpenAPI document.

`openapi.json` is an extract of it: the operations that we call, with their bodies, without the
parts that we never send. An object has no properties but those that stand there.
`continuous_refresh` stands in the document's words alone. The form of an upload is Amazon's, and is
not in it.
"""

import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from jsonschema import Draft202012Validator

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown
from platforms.http.transport import Transport
from platforms.pinterest.oauth import PinterestOAuth
from tests.conftest import Simulator
from tests.platforms.connecting import Connecting
from tests.platforms.driver import published
from tests.platforms.pinterest import steps

SPECIFICATION = json.loads((Path(__file__).parent / "openapi.json").read_text())
OPERATIONS = SPECIFICATION["operations"]
SERVER = SPECIFICATION["servers"][0]["url"]
#: How the values of a query are read that are no texts.
READ: dict[str, Callable[[str], Any]] = {"page_size": int, "pin_metrics": "true".__eq__}
DRAFTS = [steps.IMAGE, steps.CAROUSEL, steps.MOVING, steps.COVERED, steps.IN_SECTION]


@dataclass(frozen=True)
class Sent:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes


def closed(schema: Any) -> Any:
    """The schema, whose objects have no further properties."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(each) for name, each in schema.items()}
    return {**inner, "additionalProperties": False} if "properties" in schema else inner


def problems(value: Any, schema: Any) -> list[str]:
    return [each.message for each in Draft202012Validator(closed(schema)).iter_errors(value)]


def operation(sent: Sent) -> tuple[str, dict[str, str]]:
    """The operation that a request is one of, and the parameters of its path."""
    path = sent.url.partition("?")[0].removeprefix(SERVER)
    for name in OPERATIONS:
        method, _, template = name.partition(" ")
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        if method == sent.method and (found := re.fullmatch(pattern, path)):
            return name, found.groupdict()
    raise AssertionError(f"{sent.method} {path} is no operation.")


def check(sent: Sent) -> str:
    """Return the operation of a request that the specification allows."""
    name, path = operation(sent)
    known = OPERATIONS[name]
    query = parse_qsl(urlsplit(sent.url).query)
    given = path | {each: READ.get(each, str)(value) for each, value in query}
    parameters = {each["name"]: each for each in known["parameters"]}
    assert given.keys() <= parameters.keys(), sent
    for each, value in given.items():
        assert problems(value, parameters[each]["schema"]) == [], (sent, each)
    [needed] = known["security"]
    scheme = "Basic " if "basic" in needed else "Bearer "
    assert sent.headers["Authorization"].startswith(scheme)
    assert set(needed.get("pinterest_oauth2", ())) <= set(PinterestOAuth.scopes)
    assert ("body" in known) == bool(sent.body)
    if sent.body:
        assert sent.headers["Content-Type"] == known["type"]
        is_json = known["type"] == "application/json"
        said = json.loads(sent.body) if is_json else dict(parse_qsl(sent.body.decode()))
        assert problems(said, known["body"]) == [], said
    return name


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Every request to the API that leaves."""
    found, send = [], Transport.send

    async def watched(self, method, url, *, headers, body=None, **options):
        if isinstance(body, AsyncIterator):
            body = b"".join([piece async for piece in body])
            assert int(headers["Content-Length"]) == len(body)
        if url.startswith(SERVER):
            found.append(Sent(method, url, dict(headers), body or b""))
        return await send(self, method, url, headers=headers, body=body, **options)

    monkeypatch.setattr(Transport, "send", watched)
    return found


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
    assert {check(sent) for sent in asked} == set(OPERATIONS)


def test_the_answers_of_the_simulator_are_those_of_the_specification(simulator: Simulator):
    d = steps.drive(simulator)
    pin = published(d.finish(steps.IMAGE)).id
    [listed] = simulator.http.get(
        f"/api.pinterest.com/v5/boards/{d.account.platform_account_id}/pins",
        headers=d.account.bearer,
    ).json()["items"]
    assert (listed["id"], listed["media"]["media_type"]) == (pin, "image")
    body = OPERATIONS["POST /pins"]["body"]["properties"]
    for name, schema in body.items():
        assert name == "media_source" or problems(listed[name], schema) == [], name


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
    known = OPERATIONS["POST /pins"]["body"]
    assert problems({"board_id": "5", "title": "Coo"}, known) == []
    assert problems(body, known) != []
