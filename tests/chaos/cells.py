"""Cells of the crash matrix: a worker dies at one point of one network's way, another goes on.

Each cell has an account and a post of its own, so cells of two networks need not wait for each
other: the worker that is to die in the next cell is the one that goes on with the last. What
became of each is read once all have settled.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from destinations import failpoints
from tests.acceptance.stack import Stack
from tests.acceptance.team import Team
from tests.chaos import expiring
from tests.platforms.driver import film, image

FILMS = ("tiktok", "youtube")
#: From here on the post may be public and nobody was told: a network that cannot be asked leaves
#: it at that.
MAY_STAY_UNKNOWN = (
    failpoints.SENDING,
    failpoints.LEAVING,
    failpoints.ANSWERED,
    failpoints.RECORDING,
)
#: Announced and not sent, which some networks can prove only minutes later.
UNSENT = (failpoints.SENDING, failpoints.LEAVING)
#: How long a worker has from its start to its death.
DIES_WITHIN_SECONDS = 40
STATE = """
SELECT status, next_retry_at, error_code, platform_post_id, updated_at
FROM destinations_destination WHERE account_number = %s
"""


@dataclass(frozen=True)
class Cell:
    point: str
    network: str

    def __str__(self) -> str:
        return f"{self.point} {self.network}"


@dataclass(frozen=True)
class Outcome:
    """`word` is once, unknown, twice, lost, wrong or unsettled; `missed`: it never came there."""

    word: str
    seconds: float
    detail: str

    @property
    def is_true(self) -> bool:
        return self.word in ("once", "unknown", "missed")


def run(stack: Stack, cells: Iterable[Cell], settle_seconds: float) -> Mapping[Cell, Outcome]:
    """What became of each cell. Starts with the stack's worker down, and leaves one running."""
    cells = list(cells)
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell.network] = counts.get(cell.network, 0) + 1
    team = stack.team(**counts)
    free = list(team.accounts)
    accounts = {
        cell: free.pop(next(i for i, n in enumerate(free) if team.accounts[n][0] == cell.network))
        for cell in cells
    }
    for cell in cells:
        if cell.point == failpoints.REFRESHED:
            accounts[cell] = expiring.connect(team, cell.network)
    media = {
        "film": team.upload("film.mp4", "video/mp4", film()),
        "picture": team.upload("picture.jpg", "image/jpeg", image(640, 640, "JPEG")),
    }
    died_at: dict[Cell, datetime | None] = {}
    # What can be proven only minutes later holds up no other cell of its network.
    for cell in sorted(cells, key=lambda cell: cell.point in UNSENT):
        _free(stack, [accounts[c] for c in died_at if c.network == cell.network], settle_seconds)
        died_at[cell] = _crash(team, cell, accounts[cell], media)
    stack.start("worker")
    _settle(stack, accounts.values(), settle_seconds)
    return {cell: _judge(team, cell, accounts[cell], died_at[cell]) for cell in cells}


def _crash(team: Team, cell: Cell, account: int, media: Mapping[str, str]) -> datetime | None:
    """When the worker died there; None if the post was settled without coming that way."""
    stack, once = team.stack, team.stack.home / f"{cell.point}-{cell.network}"
    name = f"{cell.point}:{cell.network}"
    env = {"DOVECOTE_FAILPOINT": name, "DOVECOTE_FAILPOINT_ONCE": str(once)}
    stack.start("worker", env=env)
    fields = {"media_ids": [media["film" if cell.network in FILMS else "picture"]]}
    if cell.point == failpoints.CLAIMED:
        # What is posted at once is claimed by the web process; the worker claims what comes due.
        fields["scheduled_at"] = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    team.post(f"Died at {cell.point}", [account], **fields)
    give_up_at = time.monotonic() + DIES_WITHIN_SECONDS
    while not stack.died("worker"):
        if _is_settled(stack, account) or time.monotonic() > give_up_at:
            stack.kill("worker")
            return datetime.now(UTC) if once.exists() else None
        time.sleep(0.05)
    assert once.exists(), f"{cell}: killed by somebody else"
    return datetime.now(UTC)


def _free(stack: Stack, accounts: list[int], within_seconds: float) -> None:
    """Nothing of this network is under way: it would die in place of the next cell's post."""
    if not all(_is_settled(stack, account) for account in accounts):
        stack.start("worker")
        _settle(stack, accounts, within_seconds)
        stack.kill("worker")


def _is_settled(stack: Stack, account: int) -> bool:
    ((status, next_retry_at, *_),) = stack.rows(STATE, account)
    return status == "published" or (status == "failed" and next_retry_at is None)


def _settle(stack: Stack, accounts: Iterable[int], within_seconds: float) -> None:
    waiting, give_up_at = list(accounts), time.monotonic() + within_seconds
    while waiting and time.monotonic() < give_up_at:
        assert stack.is_running("worker"), "The last worker was not to die."
        waiting = [account for account in waiting if not _is_settled(stack, account)]
        time.sleep(0.2)


def _judge(team: Team, cell: Cell, account: int, died_at: datetime | None) -> Outcome:
    ((status, next_retry_at, error_code, post_id, at),) = team.stack.rows(STATE, account)
    _, number = team.accounts[account]
    public = [
        p["id"] for p in team.wall() if (p["network"], p["account"]) == (cell.network, number)
    ]
    detail = f"{status} {error_code} id={post_id!r} public={public}"
    is_settled = status == "published" or (status == "failed" and next_retry_at is None)
    if len(public) > 1:
        word = "twice"
    elif not is_settled:
        word = "unsettled"
    elif status == "published":
        word = "lost" if not public else "once" if public == [post_id] else "wrong"
    elif error_code == "outcome_unknown" and cell.point in MAY_STAY_UNKNOWN:
        word = "unknown"
    else:
        word = "wrong" if public else "lost"
    if died_at is None:
        return Outcome("missed" if word == "once" else word, 0, detail)
    return Outcome(word, max(0.0, (at - died_at).total_seconds()), detail)
