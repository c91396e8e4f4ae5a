"""Each request of ours fits the machine-readable specification of the Bot API."""

import json

import pytest

from platforms.drafts import Draft
from platforms.http.transport import Transport
from tests.conftest import Simulator
from tests.deploy.simulator.trial import watching
from tests.deploy.simulator.wrong_requests import Sent
from tests.platforms.driver import published
from tests.platforms.telegram.account import drive
from tests.platforms.telegram.specification import FOUND, METHODS, problems
from tests.platforms.telegram.steps import DRAFTS, sign_in

URL = "https://api.telegram.org/bot1:a/"
JSON = (("Content-Type", "application/json"),)


class Seen:
    """Keeps every request."""

    def __init__(self) -> None:
        self.requests: list[Sent] = []

    def try_all(self, sent: Sent) -> list[object]:
        self.requests.append(sent)
        return []

    def count(self, sent: Sent, tried: list[object]) -> None:
        pass


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    seen = Seen()
    monkeypatch.setattr(Transport, "send", watching(seen, Transport.send))  # type: ignore[arg-type]
    return seen


@pytest.mark.parametrize("kind", DRAFTS)
def test_what_publishes_fits_the_specification(simulator: Simulator, seen: Seen, kind: str):
    drive(simulator).finish(DRAFTS[kind])
    assert len(seen.requests) == 1
    assert problems(seen.requests[0]) == []


def test_what_connects_counts_and_deletes_fits_the_specification(simulator: Simulator, seen: Seen):
    sign_in(simulator)
    d = drive(simulator)
    d.delete(published(d.finish(Draft("Coo"))).id)
    d.read_followers()
    called = [each.url.rpartition("/")[2] for each in seen.requests]
    assert called == [
        *("getMe", "getChat", "getChatMember", "sendMessage", "deleteMessage"),
        "getChatMemberCount",
    ]
    assert [problems(each) for each in seen.requests] == [[]] * len(called)


def test_all_that_the_extract_has_is_called():
    called = {"getMe", "getChat", "getChatMember", "getChatMemberCount", "deleteMessage"}
    assert set(METHODS) == called | {
        *("sendMessage", "sendPhoto", "sendVideo", "sendDocument", "sendMediaGroup", "sendPoll")
    }
    assert FOUND["version"] == "Bot API 10.1"


@pytest.mark.parametrize(
    ("method", "said", "words"),
    [
        ("sendMessage", {"chat_id": 1, "text": "a", "silent": True}, "has no silent"),
        ("sendMessage", {"chat_id": 1}, "needs text"),
        ("sendMessage", {"chat_id": True, "text": "a"}, "chat_id of sendMessage is no"),
        ("sendMessage", {"chat_id": 1, "text": "a", "entities": [{"type": "bold"}]}, "entities of"),
        ("sendPhoto", {"chat_id": 1}, "needs photo"),
        ("sendMediaGroup", {"chat_id": 1, "media": [{"type": "photo"}]}, "media of"),
        ("sendMediaGroup", {"chat_id": 1, "media": [{"type": "audio", "media": "a"}]}, "media of"),
        ("sendMediaGroup", {"chat_id": 1, "media": [5]}, "media of"),
        ("sendPoll", {"chat_id": 1, "question": "a", "options": ["a", "b"]}, "options of"),
        ("sendSticker", {}, "no method"),
    ],
)
def test_what_does_not_fit_is_found(method: str, said: dict, words: str):
    [found] = problems(Sent("POST", URL + method, JSON, json.dumps(said).encode()))
    assert words in found


def test_a_file_that_nothing_names_is_found():
    part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    parts = (
        part.format("chat_id", "", "1"),
        part.format("text", "", "a"),
        part.format("x", '; filename="x"', "b"),
    )
    body = "".join(f"--b\r\n{each}" for each in parts) + "--b--\r\n"
    kind = (("Content-Type", "multipart/form-data; boundary=b"),)
    [found] = problems(Sent("POST", f"{URL}sendMessage", kind, body.encode()))
    assert "nothing names" in found
