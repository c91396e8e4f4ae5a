"""No answer of a server holds up the loop of others for longer than 20 ms.

Each step of the loop is measured in CPU, against plain JSON of 2 MB in the same run, which takes
1.4 ms on the machine that the bound was measured on.
"""

import asyncio
import json
import time
import tracemalloc
from collections.abc import Callable

import pytest

from platforms.http.client import Answer
from platforms.http.foreign import stated, websocket
from platforms.registry import ADAPTERS
from tests.bench import worst
from tests.conftest import Simulator
from tests.platforms import facts
from tests.platforms.test_hostile_answers import Hostile, steps

MOST = stated.MOST_BYTES - 100
VALUES = stated.MOST_ESCAPES // stated.VALUE_ESCAPES - 10
PLAIN = json.dumps({"error": {"message": "a" * MOST}})
#: What is dear to read in as many bytes, or values, as are read at all.
WORST = {
    "a long text": PLAIN,
    "escaped letters": '{"error":"' + "\\u00e9" * (MOST // 6) + '"}',
    "escaped signs": '{"error":"' + "\\n" * stated.MOST_ESCAPES + '"}',
    "names": "{" + ",".join(f'"{n:0>70}":"x"' for n in range(VALUES)) + "}",
    "objects": "[" + ",".join('{"a":1}' for _ in range(VALUES // 2)) + "]",
    "fractions": "[" + ",".join("1.2345678901234567e-300" for _ in range(VALUES)) + "]",
    "long numbers": "[" + ",".join("9" * 4_000 for _ in range(500)) + "]",
    "depth": '{"a":' * 900 + "1" + "}" * 900,
    "blanks": " " * MOST + "1",
    "a page": "<html>" + "&amp; <b>x</b> token=abc " * (MOST // 25),
    "secrets": "Bearer " * (MOST // 7),
    "too much": json.dumps(["a" * 4 * 1024 * 1024]),
}
#: How many times as long as plain JSON a step may take: 20 ms, where that takes 1.4.
TIMES, TRIES = 14, 6


def seconds(step: Callable[[], object]) -> float:
    before = time.thread_time()
    step()
    return time.thread_time() - before


def plain() -> float:
    return seconds(lambda: json.loads(PLAIN))


class Longest:
    """The longest step of every loop, in seconds of CPU."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found = 0.0
        run = asyncio.events.Handle._run
        monkeypatch.setattr(asyncio.events.Handle, "_run", lambda handle: self._timed(run, handle))

    def _timed(self, run: Callable[[asyncio.Handle], object], handle: asyncio.Handle) -> None:
        took = seconds(lambda: run(handle))
        self.found = max(self.found, took)

    def of(self, step: Callable[[], object]) -> float:
        self.found = 0.0
        step()
        return self.found


@pytest.mark.thorough
@pytest.mark.parametrize("key", ADAPTERS)
def test_no_answer_holds_up_the_loop(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, key: str
):
    drive = facts.connect(simulator, key, "77")
    dear = []
    for name, step in steps(drive).items():
        with monkeypatch.context() as patch:
            server = Hostile(patch)
            server.play(step, -1, "")
            longest = Longest(patch)
            for number, answer in enumerate(list(server.seen)):
                for kind, said in WORST.items():
                    # A relay's answer is the list of texts that it said.
                    text = json.dumps([said]) if answer.headers == {} else said
                    for status in (0, 400):
                        play = lambda: server.play(step, number, text, status)  # noqa: B023, E731
                        # A try may have met what else the machine does.
                        if all(longest.of(play) > TIMES * plain() for _ in range(TRIES)):
                            dear.append((name, number, kind, status, longest.found))
    assert not dear


@pytest.mark.parametrize("kind", WORST)
def test_an_answer_takes_ten_times_its_size_at_most(kind: str):
    read = Answer(400, {}, WORST[kind].encode())
    tracemalloc.start()
    try:
        read.error_body()
        _ = read.text
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * stated.MOST_BYTES


def test_what_the_bench_answers_is_read_to_its_end_and_more_is_said_than_may_be():
    deep = stated.read_json(worst.DEEP)
    assert len(deep) * worst.DEPTH > 0.9 * VALUES
    assert len(stated.read_json(worst.REFUSAL)["error"]) > 300_000
    assert worst.PINGS > websocket.MOST_FRAMES
