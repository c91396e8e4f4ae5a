"""What others notice of a network that answers after half a minute, and of one busy account."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.utils import timezone

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

from destinations.dispatch.restoring import restore_detector
from posts.models import Workspace
from tests.bench import lags, load, network
from tests.bench.processes import product_services, running
from tests.bench.result import Result, at_most, percentile, ratio_at_most

#: A second below the time-out of a request.
SLOW_SECONDS = 29
#: The slow network's posts are due this long before the fast one's.
LEAD_SECONDS = 6
PATIENCE_SECONDS = 120
ACCOUNTS = 1000


def results(*, short: bool = False) -> list[Result]:
    size = 0.1 if short else 1
    return [*_slow_network(size), *_busy_account(size)]


def _slow_network(size: float) -> list[Result]:
    """6,000 due at a slow network, then 3,000 at a fast one."""
    fast, slow = int(3000 * size), int(6000 * size)

    def add_slow(workspace: Workspace, due_at: datetime) -> None:
        at = due_at - timedelta(seconds=LEAD_SECONDS)
        accounts = load.accounts(workspace, slow // 2, "facebook")
        load.posts(workspace, accounts, slow, at, "Slow")

    alone = _p99(fast)
    beside = _p99(fast, slow, add_slow)
    return [
        Result(
            "beside a slow network: start lag p99 of a fast one",
            beside[0],
            "s",
            alone[0],
            "alone",
            bar=ratio_at_most(1.2),
            headline="posts of a fast network beside a slow one: 99% begin within",
        ),
        Result("oldest tick meanwhile", beside[1], "s", alone[1], "alone", bar=at_most(2)),
    ]


def _busy_account(size: float) -> list[Result]:
    """5,000 due of one account, and one each of 1,000 others of its network."""
    others, many = int(ACCOUNTS * size), int(5000 * size)

    def add_busy(workspace: Workspace, due_at: datetime) -> None:
        load.posts(workspace, load.accounts(workspace, 1), many, due_at, "Busy")

    alone = _p99(others)[0]
    beside = _p99(others, many, add_busy)[0]
    name = "beside an account with 5,000 due: start lag p99 of 1,000 others"
    return [Result(name, beside, "s", alone, "alone", bar=ratio_at_most(1.2))]


def _p99(
    count: int, more: int = 0, add: Callable[[Workspace, datetime], None] | None = None
) -> tuple[float, float]:
    """(start lag p99 of these posts to X, age of the oldest tick); `add` stores others' posts."""
    with running(network.stub(facebook=SLOW_SECONDS), *product_services()) as started:
        load.empty()
        load.spoil_statistics()
        workspace, other = load.workspace(), load.workspace("other")
        due_at = load.notice(count + more) + timedelta(seconds=LEAD_SECONDS if add else 0)
        accounts = load.accounts(workspace, min(count, ACCOUNTS))
        load.posts(workspace, accounts, count, due_at, "Fast")
        if add:
            add(other, due_at)
        load.wait_until_before(due_at - timedelta(seconds=LEAD_SECONDS if add else 0))
        with _oldest_tick() as oldest:
            lags.wait_until_begun(workspace, count, within_seconds=PATIENCE_SECONDS)
        found = percentile(lags.of(workspace), 99)
        started.kill()  # what waits for the slow network need not be published
    return found, oldest[0]


@contextmanager
def _oldest_tick() -> Iterator[list[float]]:
    """The highest age of the last tick within the block, in seconds."""
    oldest, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.1):
            if last := restore_detector.last_tick():
                oldest[0] = max(oldest[0], (timezone.now() - last).total_seconds())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield oldest
    finally:
        done.set()
        watcher.join()
