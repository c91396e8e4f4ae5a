"""Each request of the adapter is one of Discord's published OpenAPI document."""

import email
import json
import re
from pathlib import Path
from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import PlatformError
from tests.conftest import Simulator
from tests.platforms.discord.account import ANNOUNCEMENTS, FORUM, TEXT, drive, webhook
from tests.platforms.discord.steps import CARD, POLL, QUIET, THREAD, sign_in
from tests.platforms.driver import Drive, media, published
from tests.platforms.specifications import Sent, Specification, watch

DISCORD = Specification(Path(__file__).parent, {"limit": int, "wait": "true".__eq__})
SPOILER = {"spoiler": True}


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
    name = DISCORD.check_address(sent)
    known = DISCORD.operations[name]
    needs_bot = {} not in known["security"]
    assert sent.headers.get("Authorization", "").startswith("Bot ") == needs_bot
    assert re.fullmatch(r"DiscordBot \(https://\S+, [\d.]+\)", sent.headers["User-Agent"])
    if sent.body:
        body, files = said(sent)
        assert sent.headers["Content-Type"].partition(";")[0] in known["types"]
        assert DISCORD.problems(body, known["body"]) == [], body
        attached = body.get("message", body).get("attachments", [])
        assert [f"files[{each['id']}]" for each in attached] == files
    return name


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """Every request to the API that leaves."""
    return watch(monkeypatch, DISCORD.server)


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
    assert {check(sent) for sent in asked} == set(DISCORD.operations)


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
    known = DISCORD.operations["POST /channels/{channel_id}/messages"]
    assert DISCORD.problems({"content": "Coo"}, known["body"]) == []
    assert DISCORD.problems(body, known["body"]) != []
