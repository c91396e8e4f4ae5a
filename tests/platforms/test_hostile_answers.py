"""No answer of a server is a fault of ours: an adapter says what it means for the post.

Each answer of a publish, a lookup and the reads of numbers is exchanged for a hostile one: the
values of the true one of other types and sizes, one by one, and whole ones that mean nothing.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from platforms.adapter import Adapter
from platforms.errors import PlatformError
from platforms.http.transport import Response, Transport
from platforms.registry import ADAPTERS
from tests.conftest import Simulator
from tests.platforms import facts
from tests.platforms.driver import Drive

DEEP = '{"a":' * 900 + "1" + "}" * 900
WHOLE = ["", "\udcff", "null", "0", '"a"', "[]", "[[]]", "{}", '{"error": []}', DEEP, "[" * 100_000]
VALUES = [None, True, -1, 10**30, float("nan"), "", "\0", "a" * 100_000, "\u00b2", [], {}, [{}],
          [[]]]  # fmt: skip
HEADERS = {"retry-after": "\u00b2", "date": "Tue, 99 Dec 99999 99:99:99", "content-type": "\0"}
#: Of the values of an answer so many are exchanged, each for a hostile one in its turn.
MOST_VALUES = 40


class Hostile:
    """Exchanges one answer of those that a step gets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[Response] = []
        self.number, self.answer = -1, b""
        self.status = 0
        send = Transport.send

        async def exchanged(transport: Transport, *asked: Any, **options: Any) -> Response:
            found = await send(transport, *asked, **options)
            self.seen.append(found)
            if len(self.seen) - 1 != self.number:
                return found
            headers = {**found.headers, **HEADERS} if self.status else found.headers
            status = self.status or found.status
            return found._replace(content=self.answer, status=status, headers=headers)

        monkeypatch.setattr(Transport, "send", exchanged)

    def play(self, step: Callable[[], object], number: int, answer: str, status: int = 0) -> None:
        self.seen, self.number, self.status = [], number, status
        self.answer = answer.encode("utf-8", "surrogateescape")
        with suppress(PlatformError):
            step()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where an answer has values, objects and lists too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in inner:
        yield (*path, name)
        if isinstance(each, dict | list):
            yield from places(each, (*path, name))


def exchanged(answer: Any, path: tuple[Any, ...], value: Any) -> str:
    copy = json.loads(json.dumps(answer))
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return json.dumps(copy)


def hostile(answer: Response) -> Iterator[tuple[str, int]]:
    """Answers in the place of this one, and their statuses; 0: as it was."""
    try:
        told = json.loads(answer.content)
    except ValueError:
        told = None
    if answer.headers == {}:
        # What a relay said: a list of texts, which we have written.
        for number, text in enumerate(told):
            for each, _ in hostile(Response(200, {"": ""}, text.encode(), "utf-8")):
                yield json.dumps([*told[:number], each, *told[number + 1 :]]), 0
        return
    yield from ((each, 0) for each in WHOLE)
    yield from ((each, status) for status in (400, 429, 503) for each in ("{}", DEEP, "[]"))
    if isinstance(told, dict | list):
        found = list(places(told))
        for number, path in enumerate(found[:: len(found) // MOST_VALUES + 1]):
            yield exchanged(told, path, VALUES[number % len(VALUES)]), 0


def steps(drive: Drive) -> dict[str, Callable[[], object]]:
    draft = facts.facts_of(drive.adapter.key).usual.draft

    def publish() -> None:
        drive.checkpoint = {}
        drive.finish(draft)

    def find() -> None:
        drive.checkpoint = dict(announced)
        drive.find(draft)

    def gives(name: str) -> bool:
        return getattr(type(drive.adapter), name) is not getattr(Adapter, name)

    publish()
    announced = next((each.values for each in drive.saves if each.sending), {})
    [post, *_] = drive.public()
    return {
        "publish": publish,
        "find": find,
        "shows_as_own": lambda: drive.shows_as_own(post["id"]),
        "ping": drive.ping,
        **({"metrics": lambda: drive.read_metrics(post["id"])} if gives("read_metrics") else {}),
        **({"followers": drive.read_followers} if gives("read_followers") else {}),
    }


@pytest.mark.parametrize("key", ADAPTERS)
def test_no_answer_is_a_fault_of_ours(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, key: str
):
    drive = facts.connect(simulator, key, "77")
    for name, step in steps(drive).items():
        server = Hostile(monkeypatch)
        server.play(step, -1, "")
        for number, answer in enumerate(list(server.seen)):
            for text, status in hostile(answer):
                try:
                    server.play(step, number, text, status)
                except Exception as fault:
                    fault.add_note(f"{name}, answer {number}: {status} {text[:1000]}")
                    raise
        monkeypatch.undo()
