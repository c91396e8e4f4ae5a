"""Each request of the adapter is one of Discord's published OpenAPI document.

`openapi.json` is an extract of it: the operations that we call, with the schemas of their bodies,
without the parts that we never send. An object has no properties but those that stand there.
"""

import email
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
from platforms.errors import PlatformError
from platforms.http.transport import Transport
from tests.conftest import Simulator
from tests.platforms.discord.account import ANNOUNCEMENTS, FORUM, TEXT, drive, webhook
from tests.platforms.discord.steps import CARD, POLL, QUIET, THREAD, sign_in
from tests.platforms.driver import Drive, media, published

SPECIFICATION = json.loads((Path(__file__).parent / "openapi.json").read_text())
SERVER = SPECIFICATION["servers"][0]["url"]
SPOILER = {"spoiler": True}
#: How the values of a query are read that are no texts.
READ: dict[str, Callable[[str], Any]] = {"limit": int, "wait": "true".__eq__}


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
    whole = {**closed(schema), "components": closed(SPECIFICATION["components"])}
    return [each.message for each in Draft202012Validator(whole).iter_errors(value)]


def operation(sent: Sent) -> tuple[str, dict[str, str]]:
    """The operation that a request is one of, and the parameters of its path."""
    path = sent.url.partition("?")[0].removeprefix(SERVER)
    for name in SPECIFICATION["operations"]:
        method, _, template = name.partition(" ")
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
        if method == sent.method and (found := re.fullmatch(pattern, path)):
            return name, found.groupdict()
    raise AssertionError(f"{sent.method} {path} is no operation.")


def said(sent: Sent) -> tuple[Any, list[str]]:
    """The body of a request, and the names of its files."""
    kind = sent.headers["Content-Type"]
    if kind == "application/json":
        return json.loads(sent.body), []
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    parts: Any = email.message_from_bytes(head + sent.body).get_payload()
    names = [each.get_param("name", header="content-disposition") for each in parts]
    assert names[0] == "payload_json"
    assert all(each.get_filename() for each in parts[1:])
    return json.loads(parts[0].get_payload(decode=True)), names[1:]


def check(sent: Sent) -> str:
    """Return the operation of a request that the specification allows."""
    name, path = operation(sent)
    known = SPECIFICATION["operations"][name]
    query = parse_qsl(urlsplit(sent.url).query)
    given = path | {each: READ.get(each, str)(value) for each, value in query}
    parameters = {each["name"]: each for each in known["parameters"]}
    assert given.keys() <= parameters.keys(), sent
    for each, value in given.items():
        assert problems(value, parameters[each]["schema"]) == [], (sent, each)
    needs_bot = {} not in known["security"]
    assert sent.headers.get("Authorization", "").startswith("Bot ") == needs_bot
    assert re.fullmatch(r"DiscordBot \(https://\S+, [\d.]+\)", sent.headers["User-Agent"])
    assert ("body" in known) == bool(sent.body)
    if sent.body:
        body, files = said(sent)
        assert sent.headers["Content-Type"].partition(";")[0] in known["types"]
        assert problems(body, known["body"]) == [], body
        attached = body.get("message", body).get("attachments", [])
        assert [f"files[{each['id']}]" for each in attached] == files
    return name


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Every request that leaves."""
    found, send = [], Transport.send

    async def watched(self, method, url, *, headers, body=None, **options):
        if isinstance(body, AsyncIterator):
            body = b"".join([piece async for piece in body])
            assert int(headers["Content-Length"]) == len(body)
        found.append(Sent(method, url, dict(headers), body or b""))
        return await send(self, method, url, headers=headers, body=body, **options)

    monkeypatch.setattr(Transport, "send", watched)
    return found


def drafts(kind: int) -> list[Draft]:
    picture = media(alt_text="A dove")
    own = {FORUM: THREAD, ANNOUNCEMENTS: {"crosspost": True}}.get(kind, {})
    return [
        Draft("Coo", settings={**QUIET, **own}),
        Draft("Coo", settings={"embeds": [CARD, {"description": "Two"}], **own}),
        Draft("Coo", settings={**POLL, **own}),
        Draft("Coo", (picture, media(kind="video")), {**SPOILER, **own}),
    ]


def go_through(d: Drive, draft: Draft) -> None:
    """Publish, lose an answer and look, read, delete."""
    d.fault(call="create_message", drop="after", times=1)
    for _ in range(2):
        try:
            result = published(d.finish(draft))
        except PlatformError:
            d.find(draft)
            d.checkpoint = {}
    d.shows_as_own(result.id)
    d.read_metrics(result.id)
    assert d.delete(result.id) == "deleted"


def test_each_request_is_one_of_the_specification(simulator: Simulator, asked: list[Sent]):
    for kind in (TEXT, ANNOUNCEMENTS, FORUM):
        for draft in drafts(kind):
            d = drive(simulator, kind)
            go_through(d, draft)
            if kind == FORUM:
                d.finish(draft)
                d.find(draft)
            simulator.http.delete("/control/faults")
    for draft in drafts(TEXT):
        go_through(webhook(simulator), draft)
    hook = webhook(simulator, FORUM)
    settings = {"threadName": "Lofts", "threadTags": ["700"]}
    hook.delete(published(hook.finish(Draft("Coo", settings=settings))).id)
    sign_in(simulator)
    assert {check(sent) for sent in asked} == set(SPECIFICATION["operations"])


@pytest.mark.parametrize(
    "body",
    [
        {"content": 5},
        {"contents": "Coo"},
        {"nonce": "a" * 26},
        {"allowed_mentions": {"parse": ["all"]}},
        {"attachments": [{"filename": "a.png"}]},
        {"poll": {"question": {"text": "a"}, "answers": []}},
        {"embeds": [{"colour": 5}]},
    ],
)
def test_the_extract_refuses_what_discord_would(body: dict):
    known = SPECIFICATION["operations"]["POST /channels/{channel_id}/messages"]
    assert problems({"content": "Coo"}, known["body"]) == []
    assert problems(body, known["body"]) != []
