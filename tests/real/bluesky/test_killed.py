"""Workers are killed and answers are lost, and Bluesky's own server lists each post once.

Workers die by SIGKILL among their calls, again and again. Of the calls that publish, some never
reach the server, of others the answer is lost or cut. What the API tells is compared with what the
server lists.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.acceptance.stack import SETTINGS, Stack, empty
from tests.acceptance.team import Team
from tests.conftest import serving
from tests.real import gateway
from tests.real.bluesky.server import Person, Server
from tests.real.bluesky.sides import Real
from tests.real.gateway import Cut, Gateway
from tests.real.table import PROPERTY

pytestmark = [pytest.mark.needs("g++", "make", "npm"), pytest.mark.thorough]
SEEDS = (1, 2, 3)
PEOPLE, POSTS = 3, 24
WORKERS = ("one", "two")
READY = " ready."
#: How often an answer is lost, and how soon after its posts a worker is killed.
LOST_EVERY_SECONDS, KILLS, KILLED_AFTER_SECONDS = 0.05, 8, 0.3
#: Lookups come after 1, 15 and 60 seconds; the bound ends a run that hangs.
SETTLE_SECONDS = 240


@contextmanager
def losing(way: Gateway, rng: random.Random) -> Iterator[None]:
    """Lose the next call that publishes, or its answer, at one moment after the other."""
    stopping = threading.Event()

    def lose() -> None:
        while not stopping.wait(rng.expovariate(1 / LOST_EVERY_SECONDS)):
            where: Cut = rng.choice(get_args(Cut))
            way.lose("applyWrites", where)

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


def connected(stack: Stack, people: list[Person]) -> Team:
    """A workspace to which these people have connected their accounts by their app passwords."""
    made = stack.seed([])
    team = Team(stack, stack.client(f"{stack.url}/api/v1/", made["key"]))
    for person in people:
        body = {
            "platform": "bluesky",
            "handle": person.handle,
            "app_password": person.password,
        }
        answer = team.http.post("accounts/connect-credential", json=body)
        assert answer.is_success, answer.text
        team.accounts[answer.json()["data"]["account"]["id"]] = ("bluesky", person.did)
    return team


def settled(team: Team, posts: list[str]) -> list[dict[str, Any]]:
    """The results once each post is public, or known not to be and waits for its next try.

    After three lost calls in a row that is in a quarter of an hour.
    """

    def found() -> list[dict[str, Any]]:
        results = [result for post in posts for result in team.results(post)]
        is_known = all(result["status"] in ("published", "failed") for result in results)
        return results if is_known else []

    results: list[dict[str, Any]] = team.stack.wait("all is known", found, SETTLE_SECONDS)
    return results


@pytest.mark.parametrize("seed", SEEDS)
def test_each_post_is_once_on_the_server_no_matter_who_dies(
    seed: int, real: Server, tmp_path: Path, record_property: Any
) -> None:
    record_property(PROPERTY, ["Bluesky", real.version, f"killed, seed {seed}", []])
    rng, people = random.Random(seed), [real.person() for _ in range(PEOPLE)]
    with (
        serving(tmp_path / "simulator") as simulator,
        gateway.running(Real(real, simulator).route) as way,
        running(tmp_path, way) as stack,
    ):
        team = connected(stack, people)
        texts = [f"Post {number} of seed {seed}" for number in range(POSTS)]
        posts = []
        with losing(way, rng):
            for number in range(KILLS):
                posts += [team.post(text) for text in texts[number::KILLS]]
                # Among the calls of these posts, more often than not.
                time.sleep(rng.expovariate(1 / KILLED_AFTER_SECONDS))
                name = WORKERS[number % len(WORKERS)]
                stack.kill(name)
                start_worker(stack, name)
        results = settled(team, posts)

    assert way.lost.keys() == set(get_args(Cut)), "Each way to lose an answer was to happen."
    published = [result for result in results if result["status"] == "published"]
    assert len(results) == POSTS * PEOPLE
    assert len(published) > 0.9 * len(results)
    for person in people:
        listed = Counter(post["text"] for post in real.posts(person))
        assert set(listed.values()) == {1}, "A post is public twice."
        told = {each["platform_post_id"] for each in published if each["network_id"] == person.did}
        assert told == set(real.keys(person)), "The API tells something else than the server."
