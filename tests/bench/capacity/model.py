"""The simulation: destinations due at 0 are claimed, sent, started, published and recorded.

One claim at a time takes some rows of all networks in turn, no more of one than may be held at
once, and sends them to the workers in turn. A worker is one core and some threads that own the
database: each takes the commands that wait, up to a group, spends the worker's CPU on them and then
a transaction. The steps of a destination are those of the product; its network answers in between.

Left out: Redis, which takes a hundredth of a millisecond, retries, an account's order (no two
destinations of one account are due), and rate limits.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.bench.capacity.costs import POSTGRES_SHARES, STEPS, WORKER_SHARES, Network, Setup
from tests.bench.capacity.stations import Disk, Station

#: The most commands of a transaction: `destinations.runtime.worker.command_queue.MOST`.
GROUP = 200
#: The least pause after a claim that was not full: `destinations.dispatch.dispatcher`.
PAUSE_SECONDS = 0.05
#: The most accounts that one claim visits: `destinations.dispatch.fairness.LANES`.
LANES = 1000
#: The 99th percentile of a standard normal distribution.
Z99 = 2.3263


@dataclass
class Worker:
    """A process: what waits to be started, by network, and commands that wait for a thread."""

    cpu: Station
    idle_threads: int
    waiting: list[deque[int]]
    in_flight: list[int]
    commands: deque[tuple[str, int]]


@dataclass(frozen=True)
class Outcome:
    """Seconds from the due time to each start, in order, and how busy everything was."""

    lags: list[float]
    seconds: float
    worker_share: float
    postgres_share: float
    claim_share: float
    commits_per_second: float

    def percentile(self, percent: float) -> float:
        return self.lags[min(int(len(self.lags) * percent / 100), len(self.lags) - 1)]


class Simulation:
    def __init__(self, setup: Setup, seed: int) -> None:
        self.setup, self.random = setup, random.Random(seed)
        self.events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self.order = count()
        self.now = 0.0
        shared = Station(setup.shared_cores) if setup.shared_cores else None
        self.postgres = shared or Station(setup.postgres_cores)
        self.disk, self.claimer = Disk(setup.costs.flush), Station(1)
        self.is_claiming = False
        networks = range(len(setup.networks))
        self.workers = [
            Worker(
                shared or Station(1),
                setup.database_threads,
                [deque() for _ in networks],
                [0 for _ in networks],
                deque(),
            )
            for _ in range(setup.workers)
        ]
        total = setup.destinations // setup.grain
        self.due = [total // len(networks) + (i < total % len(networks)) for i in networks]
        self.held = [0 for _ in networks]
        self.next_worker = count()
        self.lags: list[float] = []
        self.done, self.total, self.commits = 0, total, 0

    def run(self) -> Outcome:
        self._claim()
        while self.events:
            self.now, _, then, values = heapq.heappop(self.events)
            then(*values)
        assert self.done == self.total, f"{self.done} of {self.total}"
        # Each once: they may share one.
        cores = list({id(worker.cpu): worker.cpu for worker in self.workers}.values())
        return Outcome(
            sorted(self.lags),
            self.now,
            sum(core.utilisation(self.now) for core in cores) / len(cores),
            self.postgres.utilisation(self.now),
            self.claimer.utilisation(self.now),
            self.commits / self.now,
        )

    def _at(self, when: float, then: Callable[..., None], *values: Any) -> None:
        heapq.heappush(self.events, (when, next(self.order), then, values))

    def _room(self, network: int) -> int:
        return self.setup.claim_ahead // self.setup.grain - self.held[network]

    def _claim(self) -> None:
        """Claim from all networks in turn what may be claimed now."""
        if self.is_claiming or not any(self.due):
            return
        limit = min(self.setup.claim_limit, LANES) // self.setup.grain
        left, taken = max(limit, 1), [0] * len(self.due)
        may = [min(due, max(self._room(i), 0)) for i, due in enumerate(self.due)]
        while left and any(may):
            for i, most in enumerate(may):
                if most and left:
                    taken[i], may[i], left = taken[i] + 1, most - 1, left - 1
        if not any(taken):
            return
        self.is_claiming = True
        rows, held = (sum(taken) * self.setup.grain, sum(self.held) * self.setup.grain)
        for i, number in enumerate(taken):
            self.due[i] -= number
            self.held[i] += number
        seconds = self.setup.costs.claim * rows + self.setup.costs.claim_held * held
        computed = self.postgres.serve(self.now, seconds)
        self.claimer.serve(self.now, computed - self.now)
        self._at(self.disk.flush(computed), self._claimed, taken, not left)

    def _claimed(self, taken: list[int], is_full: bool) -> None:
        size = max(self.setup.message_destinations // self.setup.grain, 1)
        for network, number in enumerate(taken):
            # A claim makes four messages of a queue, of a tenth of the most at least.
            share = min(size, max(math.ceil(number / 4), size // 10, 1))
            for first in range(0, number, share):
                worker = self.workers[next(self.next_worker) % len(self.workers)]
                worker.waiting[network].extend(range(min(share, number - first)))
                self._begin(worker, network)
        self._at(self.now + (0 if is_full else PAUSE_SECONDS), self._claim_again)

    def _claim_again(self) -> None:
        self.is_claiming = False
        self._claim()

    def _begin(self, worker: Worker, network: int) -> None:
        """Start what waits, as far as the worker may have it in flight."""
        while worker.waiting[network] and (
            worker.in_flight[network] < max(self.setup.in_flight // self.setup.grain, 1)
        ):
            worker.waiting[network].popleft()
            worker.in_flight[network] += 1
            self._command(worker, "start", network)

    def _command(self, worker: Worker, step: str, network: int) -> None:
        worker.commands.append((step, network))
        if worker.idle_threads:
            worker.idle_threads -= 1
            # At the same moment, so that what else happens now is in its group.
            self._at(self.now, self._group, worker)

    def _group(self, worker: Worker) -> None:
        """A thread of the worker executes the commands that wait, in one transaction."""
        most = max(GROUP // self.setup.grain, 1)
        group = [worker.commands.popleft() for _ in range(min(most, len(worker.commands)))]
        if not group:
            worker.idle_threads += 1
            return
        costs, grain = self.setup.costs, self.setup.grain
        own = sum(WORKER_SHARES[step] for step, _ in group) * costs.worker * grain
        server = sum(POSTGRES_SHARES[step] for step, _ in group) * costs.postgres * grain
        self._at(worker.cpu.serve(self.now, own), self._transact, worker, group, server)

    def _transact(self, worker: Worker, group: list[tuple[str, int]], seconds: float) -> None:
        self.commits += 1
        computed = self.postgres.serve(self.now, seconds)
        self._at(computed, self._flush, worker, group)

    def _flush(self, worker: Worker, group: list[tuple[str, int]]) -> None:
        self._at(self.disk.flush(self.now), self._committed, worker, group)

    def _committed(self, worker: Worker, group: list[tuple[str, int]]) -> None:
        for step, network in group:
            if step == STEPS[0]:
                self.lags.append(self.now)
                self._command(worker, "save", network)
            elif step == STEPS[1]:
                answered = self.now + self._latency(self.setup.networks[network])
                self._at(answered, self._command, worker, "complete", network)
            else:
                self._ended(worker, network)
        self._at(self.now, self._group, worker)

    def _ended(self, worker: Worker, network: int) -> None:
        self.done += 1
        worker.in_flight[network] -= 1
        self.held[network] -= 1
        self._begin(worker, network)
        self._claim()

    def _latency(self, network: Network) -> float:
        if network.p99 == network.median:
            return network.median
        sigma = math.log(network.p99 / network.median) / Z99
        return network.median * math.exp(self.random.gauss(0, sigma))


def simulate(setup: Setup, seed: int) -> Outcome:
    """What happens to the destinations of this installation. The same for the same seed."""
    return Simulation(setup, seed).run()
