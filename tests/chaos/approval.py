"""Posts that need approval: decisions, edits and due times meet while workers die.

What was approved as it is must be public once; what was not, or was edited since, never.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx

from tests.chaos.books import Asked
from tests.chaos.ground import TEXT_ALONE, WORKERS, Ground
from tests.chaos.scenario import Scenario

#: How the posts of a game are used in turn: approved; left alone; edited after their approval;
#: approved and edited at one moment; rejected after their approval; approved as their time comes.
WAYS = ("approved", "left", "edited", "raced", "rejected", "late")
#: Until their time: each is written and decided upon before, with workers that begin again.
AHEAD = timedelta(seconds=60)
AROUND_SECONDS = 1.5
CLIENTS = 8
REQUIRE = "UPDATE posts_workspace SET approval_mode = 'required_internal' RETURNING id::text"
#: (mark, is approved, was approved too late), of the text that each post has now.
STANDS = """
SELECT substring(p.content from 'mark[0-9a-f]{12}'), a.status = 'approved',
    EXISTS (SELECT FROM posts_approvalevent e WHERE e.post_id = p.id AND e.action = 'missed')
FROM posts_post p JOIN posts_approval a ON a.post_id = p.id
"""
WAIT = """
SELECT count(*) FROM posts_approval a JOIN posts_post p ON p.id = a.post_id
WHERE a.status <> 'approved' AND p.status = 'scheduled'
"""
BEGUN = "SELECT count(*) FROM destinations_destination WHERE attempts > 0"


@dataclass
class Case:
    """A post, what is done to it, and its entries in the book."""

    post_id: str
    way: str
    asked: list[Asked]
    #: Of the text that an edit gives it.
    mark: str
    #: Whether its edit was confirmed.
    is_edited: bool = False

    @property
    def mark_now(self) -> str:
        return self.mark if self.is_edited else self.asked[0].mark


def killed(ground: Ground) -> None:
    """Workers die and Redis is wiped while decisions, edits and times meet."""
    ((workspace,),) = ground.stack.rows(REQUIRE)
    boss = _boss(ground, workspace)
    at = datetime.now(UTC) + AHEAD + timedelta(seconds=2 * ground.n)
    cases = _cases(ground, at)
    acts = [act for case in cases for act in _acts(ground, boss, case, at)]
    acts.sort(key=lambda act: act[0])
    with ThreadPoolExecutor(CLIENTS) as clients:
        done = [clients.submit(_at, *act) for act in acts]
        ground.until("some are begun", lambda: ground.stack.rows(BEGUN)[0][0])
        for name in WORKERS:
            ground.stack.kill(name)
        ground.stack.broker.flushall()
        ground.broken()
        ground.start_workers()
        codes = sorted({each.result() for each in done})
    assert set(codes) <= {200, 409}, f"Answers were {codes}."
    ground.until("what waits is missed", lambda: not ground.stack.rows(WAIT)[0][0], 300)
    ground.settle()
    _close(ground, cases)


def _boss(ground: Ground, workspace: str) -> httpx.Client:
    """A key that may approve."""
    options = ["--workspace", workspace, "--name", "Boss", "--scopes", "read,approve"]
    made = ground.stack.command("manage.py", "create_api_key", *options)
    assert made.returncode == 0, made.stderr
    key = made.stdout.split()[-1]
    return ground.stack.client(f"{ground.stack.url}/api/v1/", key)


def _cases(ground: Ground, at: datetime) -> list[Case]:
    """Each way at least once; every post goes to the accounts of one network or of several."""
    cases = []
    for number in range(len(WAYS) * ground.n):
        before = len(ground.asked)
        for post_id in ground.ask(1, networks=TEXT_ALONE, at=at):
            mark = f"mark{ground.rng.getrandbits(48):012x}"
            way = WAYS[number % len(WAYS)]
            cases.append(Case(post_id, way, ground.asked[before:], mark))
    assert datetime.now(UTC) < at - timedelta(seconds=10), "The posts took too long."
    return cases


Act = tuple[float, Callable[[], int]]


def _acts(ground: Ground, boss: httpx.Client, case: Case, at: datetime) -> list[Act]:
    """What is done to the post, each at its moment."""
    due = at.timestamp()
    approve = partial(_decide, boss, case, "approve")
    edit = partial(_edit, ground, case)
    around = due + ground.rng.uniform(-AROUND_SECONDS, AROUND_SECONDS)
    acts: dict[str, list[Act]] = {
        "approved": [(0, approve)],
        "left": [],
        "edited": [(0, approve), (around, edit)],
        "raced": [(due - 4, approve), (due - 4, edit)],
        "rejected": [(0, approve), (around, partial(_decide, boss, case, "reject"))],
        "late": [(around, approve)],
    }
    return acts[case.way]


def _at(moment: float, send: Callable[[], int]) -> int:
    time.sleep(max(0.0, moment - time.time()))
    return send()


def _decide(boss: httpx.Client, case: Case, what: str) -> int:
    body = {"comment": "No"} if what == "reject" else {}
    return boss.post(f"posts/{case.post_id}/{what}", json=body).status_code


def _edit(ground: Ground, case: Case) -> int:
    answer = ground.team.http.patch(f"posts/{case.post_id}", json={"content": f"New {case.mark}"})
    case.is_edited = answer.is_success
    return answer.status_code


def _close(ground: Ground, cases: list[Case]) -> None:
    """Only what is approved, and was so in time, is asked for; the books find all that is not."""
    stands = {
        mark: (is_approved, is_late) for mark, is_approved, is_late in ground.stack.rows(STANDS)
    }
    ground.asked = []
    for case in cases:
        is_approved, is_late = stands[case.mark_now]
        assert case.way != "approved" or (is_approved and not is_late), "It lost its approval."
        assert case.way != "left" or not is_approved, "No person approved it."
        if is_approved and not is_late:
            ground.asked += [replace(each, mark=case.mark_now) for each in case.asked]


SCENARIOS = [
    Scenario(
        "approval-killed",
        "Workers may die and Redis be wiped while approvals, edits and due times meet: only what "
        "is approved is public, once.",
        killed,
        networks=TEXT_ALONE,
    )
]
