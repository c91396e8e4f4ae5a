"""Bursts of four posts to publish at once per account, on three networks, with two workers.

No two posts of an account may be in flight at once, and none may begin before an older one. The
network is the simulator: these adapters make several calls.
"""

import itertools
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

from tests.bench import environment  # isort: skip

from deploy.local.up import simulator_service
from destinations.models import Account, Attempt, Destination
from posts.models import Workspace
from tests.bench import load, network
from tests.bench.api_client import Client
from tests.bench.processes import product_services, running
from tests.bench.result import Result, at_most

NETWORKS = ("x", "facebook", "threads")
BURST = 4
ROUNDS = 3
CLIENTS = 8
WAIT_SECONDS = 120


class Span(NamedTuple):
    """One attempt: when its post was created, and its start and end."""

    wanted_at: datetime
    started_at: datetime
    finished_at: datetime


def results(*, short: bool = False) -> list[Result]:
    per_network = 4 if short else 20
    services = [simulator_service(environment.LOCAL), *product_services(workers=2)]
    with running(*services):
        load.empty()
        workspace = load.workspace()
        accounts = [a for n in NETWORKS for a in load.accounts(workspace, per_network, n)]
        network.introduce(accounts)
        network.slow_down(NETWORKS)
        _post(workspace, accounts)
        lost = _wait_until_published()
    spans = list(_spans().values())
    bursts = len(accounts) * ROUNDS
    pairs = [pair for each in spans for pair in itertools.pairwise(sorted(each, key=_start))]
    overlaps = sum(later.started_at < earlier.finished_at for earlier, later in pairs)
    overtakings = sum(later.wanted_at < earlier.wanted_at for earlier, later in pairs)
    return [
        Result(f"two of an account at once, in {bursts} bursts", overlaps, "", **_ZERO),
        Result(f"younger before older, in {bursts} bursts", overtakings, "", **_ZERO),
        Result("not published", lost, "", **_ZERO),
    ]


_ZERO = {"bar": at_most(0), "margin": at_most(0)}


def _start(span: Span) -> datetime:
    return span.started_at


def _post(workspace: Workspace, accounts: Iterable[Account]) -> None:
    """A burst per account, of several accounts at once."""
    client = Client(workspace)

    def burst(number: int, account: Account) -> None:
        for each in range(BURST):
            client.publish(f"Burst {number}, post {each}", account)

    for number in range(ROUNDS):
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(burst, itertools.repeat(number), accounts))


def _wait_until_published() -> int:
    """How many destinations did not end as published."""
    give_up_at = time.monotonic() + WAIT_SECONDS
    while Destination.objects.exclude(due_at=None).exists() and time.monotonic() < give_up_at:
        time.sleep(0.5)
    return Destination.objects.exclude(status="published").count()


def _spans() -> dict[int, list[Span]]:
    """Every attempt, by account."""
    found = defaultdict(list)
    rows = Attempt.objects.exclude(finished_at=None)
    for account, *times in rows.values_list(
        "destination__account_id", "wanted_at", "started_at", "finished_at"
    ):
        found[account].append(Span(*times))
    return found
