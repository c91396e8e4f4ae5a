"""Publish claimed destinations.

The promise: a crash, a lost answer or a repeated message never makes a second public post, and no
post is forgotten. The danger is the moment between a network's "accepted" and our writing it down.
So before its irreversible call every attempt is recorded and committed with what will let us
recognise the post; a worker that finds such a record without an answer asks the network and never
sends again blindly.

One coroutine per account of a list publishes its claims, so that its posts go out in order (`run`).
The coroutines send commands to the threads that own the database, which execute them in groups, one
transaction each (`runtime.worker.batch`). All lists of a process share one loop and these threads
(`PublishingEngine`), so a slow network holds no thread, and groups grow with the load.

A worker may be frozen past the end of its lease while another one looks for the post, and sends it.
So the irreversible call asks once more, at its connection, whether it may still leave
(`dispatch.claims`, `platforms.http.transport`). Still open: a machine that stops within the few
instructions after that check, and bytes that the network takes in only after the third of a lease
that is kept free for them.

A Celery task hands its list over and ends. So no list holds a thread of Celery's while it waits for
a network, and ticks never stand behind lists. A message that is acknowledged before its list is
done loses nothing: if the process dies, the leases end and the rows are due again.
"""

import asyncio
import secrets
import socket
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from os import getpid

import structlog
from django.conf import settings

from destinations.dispatch import dispatcher
from destinations.dispatch.claims import Claimed
from destinations.jobs.engine import Engine, OnePerProcess
from destinations.jobs.turns import Turns
from destinations.publishing.commands import ReleaseClaim, Released
from destinations.publishing.held_claims import HeldClaims
from destinations.publishing.run import run
from destinations.runtime import failpoints
from destinations.runtime.worker import batch, event_loop
from destinations.runtime.worker.command_queue import CommandFailed, Execute

log = structlog.get_logger()

#: Moves after which the account's next post does not begin: a quick retry or a lookup comes first.
KEEPS_LANE = ("retry_soon", "mark_unconfirmed")
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
        publisher.leave()
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
        # The last part, because a new container often has the host name and the pid of another.
        self.name = f"{socket.gethostname()}:{getpid()}:{secrets.token_hex(3)}"
        self._held = HeldClaims(by=f"worker:{self.name}")
        self._on_end = on_end
        self._turns = Turns()

    @property
    def running(self) -> int:
        """Return how many accounts' claims are being published."""
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
        alone. The next begins while it commits. Another takes over from one that is held up, renews
        the leases, and ends its waiting for a row that another transaction has locked: the other
        commands of its group go on.
        """
        with self._turns.take() as pass_on:
            return self._execute_next(pass_on)

    def cancel(self) -> None:
        """End everything where it waits; its leases end later."""
        self._commands.cancel()

    def leave(self) -> None:
        """Say that this process holds no claims, if that is so. Call it when it stops."""
        self._held.leave()

    def _execute_next(self, pass_on: Callable[[], None]) -> bool:
        group = self._commands.take(min(batch.IDLE_SECONDS, settings.LEASE_SECONDS / 3))
        try:
            if self._network.is_stuck():
                # Its leases are left to end, so that another process takes over.
                log.error("network_loop_stuck")
            else:
                self._held.keep()
            if group:
                self._held.execute(group, pass_on)
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
    """Return the claims of each account together, in the order they came."""
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

    If one is tried again soon, lost its answer, or its claim is lost, so that another worker may be
    publishing it, the others are released: they go out after it.
    """
    platform, _ = account
    slots = network.slots(platform, event_loop.in_flight(platform))
    for place, claim in enumerate(claims, 1):
        await slots.acquire(priority)
        try:
            failpoints.reach(failpoints.RECEIVED, platform)
            keeps_lane = await run(network, claim, execute) in KEEPS_LANE
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


class PublishingEngine(Engine):
    name = "publishing"

    def __init__(self, threads: int) -> None:
        self._publisher = Publisher(event_loop.current(), on_end=dispatcher.wake)
        super().__init__(threads)

    @property
    def running(self) -> int:
        return self._publisher.running

    def step(self) -> bool:
        return self._publisher.work()

    def stop(self, within_seconds: float | None = None) -> None:
        super().stop(within_seconds)
        self._publisher.leave()

    def submit(self, claims: Sequence[Claimed]) -> None:
        """Publish claimed destinations of one queue; returns at once.

        Stale or repeated claims are ignored.
        """
        self._publisher.submit(claims)

    def in_flight(self) -> tuple[dict[str, int], int]:
        return self._publisher.in_flight()


_engine = OnePerProcess(lambda: PublishingEngine(settings.WORKER_DATABASE_THREADS))
current = _engine.current
stop = _engine.stop


def in_flight() -> tuple[dict[str, int], int]:
    """Publishes of this process that have begun, by network, and how many claims wait to begin."""
    engine = _engine.known()
    return engine.in_flight() if engine else ({}, 0)
