"""A stack whose workers are killed and whose networks' answers are lost on their way."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.acceptance.stack import SETTINGS, Stack, empty
from tests.acceptance.team import Team
from tests.chaos.lookups import UNGUARDED
from tests.real.gateway import Gateway

WORKERS = ("one", "two")
READY = " ready."
#: How soon after its posts a worker is killed: among their calls, more often than not.
KILLED_AFTER_SECONDS = 0.3
#: What waits for a lookup was sent six minutes earlier: a list proves an absence after five.
AGE = """
WITH waiting AS (
    UPDATE destinations_destination d
    SET begun_at = d.begun_at - interval '6 minutes', due_at = now()
    FROM destinations_attempt a
    WHERE a.destination_id = d.id AND d.claim IS NULL AND d.status = 'unconfirmed'
      AND a.sent_at BETWEEN now() - interval '5 minutes' AND now() - interval '10 seconds'
    RETURNING d.id
)
UPDATE destinations_attempt a SET sent_at = a.sent_at - interval '6 minutes'
FROM waiting WHERE a.destination_id = waiting.id
"""


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


def posted(team: Team, texts: list[str], kills: int, rng: random.Random) -> list[str]:
    """The posts with these texts. Among their calls a worker is killed, so many times."""
    posts = []
    for number in range(kills):
        posts += [team.post(text) for text in texts[number::kills]]
        time.sleep(rng.expovariate(1 / KILLED_AFTER_SECONDS))
        name = WORKERS[number % len(WORKERS)]
        team.stack.kill(name)
        start_worker(team.stack, name)
    return posts


def settled(team: Team, posts: list[str], seconds: float) -> list[dict[str, Any]]:
    """The results once each post is public, or known not to be and waits for its next try."""

    def found() -> list[dict[str, Any]]:
        with psycopg.connect(team.stack.database_url) as connection:
            connection.execute(UNGUARDED)
            connection.execute(AGE)
        results = [result for post in posts for result in team.results(post)]
        is_known = all(result["status"] in ("published", "failed") for result in results)
        return results if is_known else []

    results: list[dict[str, Any]] = team.stack.wait("all is known", found, seconds)
    return results
