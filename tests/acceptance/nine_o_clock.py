"""A bad nine o'clock: many destinations due in one second, and most things that go wrong at once.

Facebook is down. Threads limits every account. The uploader is frozen. One of X's accounts has been
revoked, and two posts to X lose their connection. LinkedIn refuses the texts of one account.
"""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
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

#: Accounts of each network, and how many posts go to them: enough for each that goes wrong, and the
#: thousand of the pictures. Of those to Facebook some are untried when others have failed.
ACCOUNTS = {"x": 30, "facebook": 10, "threads": 10, "linkedin": 10, "youtube": 1}
ENOUGH = {"x": 90, "facebook": 200, "threads": 20, "linkedin": 70, "youtube": 1}
THOUSAND = {"x": 588, "facebook": 200, "threads": 100, "linkedin": 111, "youtube": 1}
#: How long a busy machine may take to begin, and for a call of the API.
NOTICE_SECONDS, CALL_SECONDS = 10, 0.1
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
    team: Team
    at: datetime
    #: Our number of the account whose authorization X has withdrawn.
    revoked: int
    #: Of the two accounts whose posts may be live.
    doubtful: tuple[int, int]
    #: Of LinkedIn's account whose texts are refused.
    refused: int

    def repair(self, network: str) -> datetime:
        """Have a network work again; from when."""
        http = self.stack.simulator.http
        for fault in http.get("/control/faults").json()["faults"]:
            if fault["network"] == network:
                http.delete(f"/control/faults/{fault['id']}").raise_for_status()
        return datetime.now(UTC)

    def incidents(self, state: str) -> list[dict[str, Any]]:
        """Return the incidents that the API lists for the customer."""
        answer = self.team.http.get("incidents", params={"state": state})
        return list(answer.json()["data"]["incidents"])

    def of(self, network: str) -> list[int]:
        return [pk for pk, (name, _) in self.team.accounts.items() if name == network]

    def count(self, sql: str, *values: object) -> int:
        [(found,)] = self.stack.rows(sql, *values)
        return int(found)


@contextmanager
def running(home: Path) -> Iterator[Stack]:
    """Web, beat, worker and uploader as compose starts them, on a database of their own."""
    env = {"LATE_LIMIT_SECONDS": "10", "LEASE_SECONDS": "10"}
    with empty(home, env) as stack, up(stack, serves=SERVES):
        stack.wait("workers", lambda: _are_alive(stack))
        yield stack


def _are_alive(stack: Stack) -> bool:
    checks = stack.client(stack.url).get("/readyz").json()["checks"]
    return bool(checks["workers"]["ok"])


def play(stack: Stack, posts: Mapping[str, int]) -> Morning:
    """Schedule everything, break everything, and wait until nine has passed."""
    team = stack.team(**ACCOUNTS)
    x = [pk for pk, (network, _) in team.accounts.items() if network == "x"]
    linkedin = [pk for pk, (network, _) in team.accounts.items() if network == "linkedin"]
    notice = timedelta(seconds=NOTICE_SECONDS + CALL_SECONDS * sum(posts.values()))
    at = datetime.now(UTC).replace(microsecond=0) + notice
    morning = Morning(stack, team, at, x[0], (x[1], x[2]), linkedin[0])
    _schedule(morning, posts)
    _break(morning)
    time.sleep(max(0, (at - datetime.now(UTC)).total_seconds()))
    _settle(morning)
    return morning


def _schedule(morning: Morning, posts: Mapping[str, int]) -> None:
    team, when = morning.team, morning.at.isoformat()
    video = team.upload("launch.mp4", "video/mp4", clip())

    def post(network: str, number: int) -> None:
        accounts = morning.of(network)
        files = {"media_ids": [video]} if network == "youtube" else {}
        text = f"Morning {number} on {network}"
        team.post(text, [accounts[number % len(accounts)]], scheduled_at=when, **files)

    wanted = [(network, number) for network, count in posts.items() for number in range(count)]
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
