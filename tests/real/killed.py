"""A stack whose workers are killed and whose networks' answers are lost on their way."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from tests.acceptance.stack import SETTINGS, Stack, empty
from tests.acceptance.team import Team
from tests.real.gateway import Cut, Gateway

WORKERS = ("one", "two")
READY = " ready."
#: How often an answer is lost.
LOST_EVERY_SECONDS = 0.05


@contextmanager
def losing(way: Gateway, rng: random.Random, call: str) -> Iterator[None]:
    """Lose the next call that publishes, or its answer, at one moment after the other."""
    stopping = threading.Event()

    def lose() -> None:
        while not stopping.wait(rng.expovariate(1 / LOST_EVERY_SECONDS)):
            where: Cut = rng.choice(get_args(Cut))
            way.lose(call, where)

    thread = threading.Thread(target=lose)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
        way.lose_nothing()


@contextmanager
def running(home: Path, way: Gateway) -> Iterator[Stack]:
    """A stack whose networks are reached through the gateway."""
    with empty(home, {**SETTINGS, "SIMULATOR_URL": way.url}) as stack:
        try:
            for name in ("web", "beat"):
                stack.start(name)
            for name in WORKERS:
                start_worker(stack, name)
            stack.wait("web is ready", stack.is_ready)
            yield stack
        finally:
            stack.end()


def start_worker(stack: Stack, name: str) -> None:
    """Start a worker and wait until it takes posts."""
    file = stack.home / f"{name}.log"
    before = stack.log(name).count(READY) if file.exists() else 0
    stack.start(name, "worker", options=["-n", f"{name}@%h"])
    stack.wait(f"{name} is ready", lambda: stack.log(name).count(READY) > before)


def connected(stack: Stack, people: list[tuple[str, dict[str, str]]]) -> Team:
    """A workspace to which these accounts, by their ids, have been connected by credentials."""
    made = stack.seed([])
    team = Team(stack, stack.client(f"{stack.url}/api/v1/", made["key"]))
    for number, body in people:
        answer = team.http.post("accounts/connect-credential", json=body)
        assert answer.is_success, answer.text
        team.accounts[answer.json()["data"]["account"]["id"]] = (body["platform"], number)
    return team


def settled(team: Team, posts: list[str], seconds: float) -> list[dict[str, Any]]:
    """The results once each post is public, or known not to be and waits for its next try.

    After three lost calls in a row that is in a quarter of an hour.
    """

    def found() -> list[dict[str, Any]]:
        results = [result for post in posts for result in team.results(post)]
        is_known = all(result["status"] in ("published", "failed") for result in results)
        return results if is_known else []

    results: list[dict[str, Any]] = team.stack.wait("all is known", found, seconds)
    return results
