"""A bad nine o'clock: 2,000 posts of five workspaces due at once, and what can go wrong does.

Facebook is down. Threads limits every account. The uploader is frozen. One of X's accounts has been
revoked, and two posts to X lose their connection. LinkedIn refuses the texts of one account.
"""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.queue.processes import SERVES
from tests.acceptance.stack import Stack, empty, up
from tests.acceptance.team import Team
from tests.platforms.driver import clip

WORKSPACES = 5
#: Of each workspace, but for the one account of YouTube, which the first one has.
ACCOUNTS = {"x": 4, "facebook": 2, "threads": 2, "linkedin": 1}
#: Of all workspaces.
POSTS = {"x": 900, "facebook": 665, "threads": 240, "linkedin": 194, "youtube": 1}
NINE = """
WITH moved AS (
    UPDATE posts_post SET scheduled_for = %s WHERE scheduled_for IS NOT NULL RETURNING id
)
UPDATE destinations_destination d SET due_at = %s, wanted_at = %s
FROM moved WHERE moved.id = d.post_id RETURNING 1
"""
OPEN = "SELECT count(*) FROM destinations_destination WHERE status = %s AND platform = %s"
FAILED_TRIES = """
SELECT count(*) FROM destinations_attempt a
JOIN destinations_destination d ON d.id = a.destination_id
WHERE d.platform = %s AND a.outcome NOT IN ('', 'published')
"""
FAILED = "SELECT count(*) FROM destinations_destination WHERE status = 'failed' AND error_code = %s"
#: As if the pauses between the lookups had passed.
LOOK_NOW = """
UPDATE destinations_destination SET due_at = now(), wanted_at = now()
WHERE status = 'unconfirmed' AND claim IS NULL AND due_at > now()
"""


@dataclass
class Morning:
    stack: Stack
    #: Of each workspace.
    teams: list[Team]
    #: Our number of the account whose authorization X has withdrawn.
    revoked: int
    #: Of the two accounts whose posts may be live.
    doubtful: tuple[int, int]
    #: Of LinkedIn's account whose texts are refused.
    refused: int

    @property
    def team(self) -> Team:
        """The first, at whose accounts everything goes wrong that is not a network's."""
        return self.teams[0]

    def repair(self, network: str) -> datetime:
        """Have a network work again; from when."""
        http = self.stack.simulator.http
        for fault in http.get("/control/faults").json()["faults"]:
            if fault["network"] == network:
                http.delete(f"/control/faults/{fault['id']}").raise_for_status()
        return datetime.now(UTC)

    def incidents(self, state: str) -> list[dict[str, Any]]:
        """Return the incidents that the API lists for each customer."""
        answers = [team.http.get("incidents", params={"state": state}) for team in self.teams]
        return [incident for each in answers for incident in each.json()["data"]["incidents"]]

    def wall(self) -> list[dict[str, Any]]:
        return [post for team in self.teams for post in team.wall()]

    def count(self, sql: str, *values: object) -> int:
        [(found,)] = self.stack.rows(sql, *values)
        return int(found)


@contextmanager
def running(home: Path) -> Iterator[Stack]:
    """Web, beat, worker and uploader as compose starts them, on a database of their own."""
    with empty(home, {"LATE_LIMIT_SECONDS": "10"}) as stack, up(stack, serves=SERVES):
        stack.wait("workers", lambda: _are_alive(stack))
        yield stack


def _are_alive(stack: Stack) -> bool:
    checks = stack.client(stack.url).get("/readyz").json()["checks"]
    return bool(checks["workers"]["ok"])


def play(stack: Stack) -> Morning:
    """Schedule everything, break everything, and wait until nine has passed."""
    teams = [
        stack.team(**ACCOUNTS, **({} if number else {"youtube": 1})) for number in range(WORKSPACES)
    ]
    x, refused = teams[0].of("x"), teams[0].of("linkedin")[0]
    morning = Morning(stack, teams, x[0], (x[1], x[2]), refused)
    _schedule(morning)
    _break(morning)
    now = datetime.now(UTC)
    assert len(stack.rows(NINE, now, now, now)) == sum(POSTS.values())
    _settle(morning)
    return morning


def _schedule(morning: Morning) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    video = morning.team.upload("launch.mp4", "video/mp4", clip())

    def post(network: str, number: int) -> None:
        places = [(team, pk) for team in morning.teams for pk in team.of(network)]
        team, account = places[number % len(places)]
        files = {"media_ids": [video]} if network == "youtube" else {}
        team.post(f"Morning {number} on {network}", [account], scheduled_at=tomorrow, **files)

    wanted = [(network, number) for network, count in POSTS.items() for number in range(count)]
    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(post, *each) for each in wanted]:
            done.result()


def _break(morning: Morning) -> None:
    fault: Callable[..., None] = morning.stack.simulator.fault
    ids = {pk: network_id for pk, (_, network_id) in morning.team.accounts.items()}
    fault("facebook", status=503)
    fault("threads", rate_limit_reset_seconds=900)
    fault("x", account=ids[morning.revoked], status=401)
    for account in morning.doubtful:
        fault("x", account=ids[account], call="create_post", drop="before", times=1)
    body = '{"status": 422, "code": "INVALID_VALUE_FOR_FIELD", "message": "Commentary"}'
    fault("linkedin", account=ids[morning.refused], call="create_post", status=422, body=body)
    morning.stack.signal("uploader", signal.SIGSTOP)


def _settle(morning: Morning) -> None:
    """Wait until everything has gone as far as it goes."""
    stack = morning.stack

    def have_failed() -> bool:
        with_doubt = morning.count(FAILED, "outcome_unknown")
        if with_doubt < len(morning.doubtful):
            stack.rows(f"{LOOK_NOW} RETURNING 1")
        return with_doubt == len(morning.doubtful)

    stack.wait("what may be live", have_failed)
    for network in ("x", "linkedin"):
        stack.wait(
            f"{network} is through", lambda name=network: morning.count(OPEN, "queued", name) == 0
        )
