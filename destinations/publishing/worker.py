"""Publish claimed destinations.

The promise: a crash, a lost answer or a repeated message never makes a second public post, and no
post is forgotten. The danger is the moment between a network's "accepted" and our writing it down.
So before its irreversible call every attempt is recorded and committed with what will let us
recognise the post; a worker that finds such a record without an answer asks the network and never
sends again blindly.

One coroutine per account of a list publishes its claims, so that its posts go out in order (`run`).
The coroutines send commands to the threads that own the database, which execute them in groups, one
transaction each (`runtime.batch`). All lists of a process share one loop and these threads
(`engine`), so a slow network holds no thread, and groups grow with the load.

A worker may be frozen past the end of its lease while another one looks for the post, and sends it.
So the irreversible call asks once more, at its connection, whether its lease is still certain
(`dispatch.claims`, `platforms.http.transport`), and leaves only if it is. Still open: a machine
that stops within the few instructions after that check, and bytes that the network takes in only
after the third of a lease that is kept free for them.
"""

import asyncio
import socket
import threading
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from os import getpid

import structlog
from django.conf import settings

from destinations.dispatch import claims as dispatch_claims
from destinations.dispatch import dispatcher
from destinations.dispatch.claims import Claimed
from destinations.publishing.commands import ReleaseClaim, Released
from destinations.publishing.job import Job
from destinations.publishing.run import run
from destinations.runtime import batch, event_loop, failpoints, shutdown
from destinations.runtime.command_queue import CommandFailed, Execute, Pending

log = structlog.get_logger()

#: A group that takes longer than this is held up.
HELD_UP_SECONDS = 3
#: (platform, account): its claims are published one after the other. A destination whose account
#: was removed has its own id here.
AccountKey = tuple[str, int | uuid.UUID]


def publish(claims: Sequence[Claimed]) -> None:
    """Publish claimed destinations on this thread; returns when each is recorded.

    Stale or repeated claims are ignored.
    """
    publisher = Publisher(event_loop.current())
    publisher.submit(claims)
    try:
        while publisher.running:
            publisher.work()
    finally:
        publisher.cancel()
    if publisher.failure:
        raise publisher.failure
    dispatcher.wake()


class Publisher:
    """Publishes lists of claims: coroutines on the loop, commands on the threads that `work`.

    `on_end` is called on the loop whenever an account's claims have ended.
    """

    def __init__(
        self, network: event_loop.Loop, on_end: Callable[[], object] = lambda: None
    ) -> None:
        self._network = network
        self._commands = network.command_queue()
        self._held = HeldClaims(by=f"worker:{socket.gethostname()}:{getpid()}")
        self._on_end = on_end
        self._turn = threading.Lock()

    @property
    def running(self) -> int:
        """How many accounts' claims are being published."""
        return self._commands.running

    @property
    def failure(self) -> BaseException | None:
        return self._commands.failure

    def in_flight(self) -> tuple[dict[str, int], int]:
        """Publishes that have begun, by network, and how many claims wait to begin."""
        return self._held.in_flight()

    def submit(self, claims: Sequence[Claimed]) -> None:
        """Begin with these claims of one queue; returns at once."""
        accounts = _by_account(self._held.add(claims))
        priority = self._network.next_priority()
        self._commands.run([partial(self._account, priority, *each) for each in accounts.items()])

    def work(self) -> bool:
        """Execute the commands that have come in, on this thread. False: none came for a moment.

        One thread works at a time, because twenty commands cost little more together than one
        alone. Another takes over from one that is held up, such as by a row lock.
        """
        has_turn = self._turn.acquire(timeout=HELD_UP_SECONDS)
        try:
            return self._execute_next()
        finally:
            if has_turn:
                self._turn.release()

    def cancel(self) -> None:
        """End everything where it waits; its leases end later."""
        self._commands.cancel()

    def _execute_next(self) -> bool:
        group = self._commands.take(min(batch.IDLE_SECONDS, settings.LEASE_SECONDS / 3))
        try:
            if self._network.is_stuck():
                # Its leases are left to end, so that another process takes over.
                log.error("network_loop_stuck")
            else:
                self._held.keep()
            if group:
                self._held.execute(group)
        finally:
            self._commands.resolve(group)
        return bool(group)

    async def _account(
        self, priority: int, account: AccountKey, claims: Sequence[Claimed], execute: Execute
    ) -> None:
        try:
            await _publish_account(self._network, priority, account, claims, execute)
        finally:
            for claim in claims:
                self._held.forget(claim)
            self._on_end()


def _by_account(claims: Sequence[Claimed]) -> dict[AccountKey, list[Claimed]]:
    """The claims of each account together, in the order they came."""
    accounts: dict[AccountKey, list[Claimed]] = defaultdict(list)
    for claim in claims:
        accounts[claim.platform, claim.account_id or claim.id].append(claim)
    return accounts


async def _publish_account(
    network: event_loop.Loop,
    priority: int,
    account: AccountKey,
    claims: Sequence[Claimed],
    execute: Execute,
) -> None:
    """Publish one account's claims, one after the other.

    If one is tried again soon, or its claim is lost, so that another worker may be publishing it,
    the others are released: they go out after it.
    """
    platform, _ = account
    slots = network.slots(platform, event_loop.in_flight(platform))
    for place, claim in enumerate(claims, 1):
        await slots.acquire(priority)
        try:
            failpoints.reach(failpoints.RECEIVED, platform)
            keeps_lane = await run(network, claim, execute) == "retry_soon"
        except CommandFailed as failure:
            event = "claim_released" if isinstance(failure, Released) else "claim_lost"
            ids = {"destination": claim.public_id, "account": claim.account_id}
            log.info(event, **ids, reason=str(failure))
            keeps_lane = True
        finally:
            slots.release()
        if keeps_lane:
            await _release(claims[place:], execute)
            return


async def _release(claims: Sequence[Claimed], execute: Execute) -> None:
    """Release these claims in one transaction. If that fails, their leases end."""
    releasing = (execute(ReleaseClaim(*claim.key)) for claim in claims)
    for result in await asyncio.gather(*releasing, return_exceptions=True):
        if isinstance(result, BaseException) and not isinstance(result, CommandFailed):
            raise result


@dataclass(slots=True)
class _Held:
    """A claim as its message had it and as it is now; without a job it is not started."""

    received: uuid.UUID
    claim: uuid.UUID
    job: Job | None = None


class HeldClaims:
    """The claims that this process holds, by destination. Any thread may use it."""

    def __init__(self, by: str) -> None:
        self._by = by
        self._held: dict[uuid.UUID, _Held] = {}
        self._lock = threading.Lock()
        self._renewed_at = dispatch_claims.read_clocks()
        #: One thread renews and releases at a time.
        self._keeping = threading.Lock()

    def add(self, claims: Iterable[Claimed]) -> list[Claimed]:
        """Hold these claims. Returns them without those that are held: a message was repeated."""
        added = []
        with self._lock:
            for claimed in claims:
                known = self._held.get(claimed.id)
                if known is None or known.received != claimed.claim:
                    self._held[claimed.id] = _Held(claimed.claim, claimed.claim)
                    added.append(claimed)
        return added

    def forget(self, claimed: Claimed) -> None:
        """Renew this claim no more: its coroutine has ended, no matter why."""
        with self._lock:
            known = self._held.get(claimed.id)
            if known and known.received == claimed.claim:
                del self._held[claimed.id]

    def in_flight(self) -> tuple[dict[str, int], int]:
        with self._lock:
            jobs = [held.job for held in self._held.values()]
        begun = Counter(job.adapter.key for job in jobs if job)
        return dict(begun), len(jobs) - begun.total()

    def keep(self) -> None:
        """Renew the leases when it is time; on shutdown, release what was not started.

        A living process keeps its claims, so no other process starts what it holds.
        """
        if not self._held or not self._keeping.acquire(blocking=False):
            return
        try:
            if shutdown.is_requested():
                batch.retry_on_db_loss(self._release_unstarted)
            if dispatch_claims.seconds_since(self._renewed_at) >= settings.LEASE_SECONDS / 3:
                batch.retry_on_db_loss(self._renew)
        finally:
            self._keeping.release()

    def execute(self, group: Sequence[Pending]) -> None:
        """Execute the commands, and note which claims they spent and which jobs they started."""
        batch.execute(group, self._by)
        with self._lock:
            for pending in group:
                if spent := pending.command.spent_claim:
                    self._spend(spent, pending.result)

    def _spend(self, spent: tuple[uuid.UUID, uuid.UUID], result: object) -> None:
        pk, claim = spent
        known = self._held.get(pk)
        if known is None or known.claim != claim:
            return
        if isinstance(result, Job):
            known.claim, known.job = result.claim, result
        else:
            del self._held[pk]

    def _renew(self) -> None:
        self._renewed_at = dispatch_claims.read_clocks()
        with self._lock:
            jobs = {(pk, held.claim): held.job for pk, held in self._held.items()}
        for claim in dispatch_claims.renew(list(jobs)):
            if job := jobs[claim]:
                job.lease.confirm(self._renewed_at, settings.LEASE_SECONDS)

    def _release_unstarted(self) -> None:
        with self._lock:
            unstarted = [(pk, held.claim) for pk, held in self._held.items() if held.job is None]
        dispatch_claims.release(unstarted)
        with self._lock:
            for spent in unstarted:
                self._spend(spent, None)
