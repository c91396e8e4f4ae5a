"""Publish claimed destinations.

The promise: a crash, a lost answer or a repeated message never makes a second public post, and no
post is forgotten. The danger is the moment between a network's "accepted" and our writing it down.
So before its irreversible call every attempt is recorded and committed with what will let us
recognise the post; a worker that finds such a record without an answer asks the network and never
sends again blindly.

One coroutine per account publishes the account's claims, so that its posts go out in order (`run`).
The coroutines send commands to the thread that runs this task, which executes them in groups, one
transaction each (`runtime.batch`).

A worker may be frozen past the end of its lease while another one looks for the post, and sends it.
So the irreversible call asks once more, at its connection, whether its lease is still certain
(`dispatch.claims`, `platforms.http.transport`), and leaves only if it is. Still open: a machine
that stops within the few instructions after that check, and bytes that the network takes in only
after the third of a lease that is kept free for them.
"""

import socket
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from os import getpid

import structlog
from django.conf import settings

from destinations.dispatch import claims as dispatch_claims
from destinations.dispatch import enqueue
from destinations.dispatch.claims import Claimed
from destinations.publishing.commands import Released
from destinations.publishing.job import Job
from destinations.publishing.run import run
from destinations.runtime import batch, event_loop, failpoints, shutdown
from destinations.runtime.batch import CommandFailed
from destinations.runtime.event_loop import Execute, Pending
from platforms.registry import ADAPTERS

log = structlog.get_logger()

#: How often the thread wakes up without a command, to renew leases and notice a shutdown.
IDLE_SECONDS = 1
#: (platform, account): its claims are published one after the other. A destination whose account
#: was removed has its own id here.
AccountKey = tuple[str, int | uuid.UUID]
Claim = tuple[uuid.UUID, uuid.UUID]


def publish(claims: Sequence[Claimed]) -> None:
    """Publish claimed destinations of one queue; returns when each is recorded.

    Stale or repeated claims are ignored.
    """
    held = HeldClaims(
        (claim.key for claim in claims), by=f"worker:{socket.gethostname()}:{getpid()}"
    )
    network = event_loop.current()
    accounts = _by_account(claims)
    priority = network.next_priority()
    starts = [
        partial(_publish_account, network, priority, *account) for account in accounts.items()
    ]
    idle_seconds = min(IDLE_SECONDS, settings.LEASE_SECONDS / 3)
    for group in network.stream(starts, idle_seconds):
        if network.is_stuck():
            # Its leases are left to end, so that another process takes over.
            log.error("network_loop_stuck")
        else:
            held.keep()
        if group:
            held.execute(group)
    is_more_likely = any(len(rows) >= settings.CLAIM_PER_ACCOUNT for rows in accounts.values())
    if is_more_likely and not shutdown.is_requested():
        enqueue.enqueue_all()


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
    """Publish one account's claims, one after the other."""
    platform, _ = account
    slots = network.slots(platform, ADAPTERS[platform].in_flight)
    for claim in claims:
        await slots.acquire(priority)
        try:
            failpoints.reach(failpoints.RECEIVED, platform)
            await run(network, claim, execute)
        except CommandFailed as failure:
            event = "claim_released" if isinstance(failure, Released) else "claim_lost"
            ids = {"destination": claim.public_id, "account": claim.account_id}
            log.info(event, **ids, reason=str(failure))
        finally:
            slots.release()


class HeldClaims:
    """The claims of one list. Used by the thread that owns the database."""

    def __init__(self, claims: Iterable[Claim], by: str) -> None:
        self._by = by
        #: None: not started.
        self._jobs: dict[Claim, Job | None] = dict.fromkeys(claims)
        self._renewed_at = dispatch_claims.read_clocks()

    def keep(self) -> None:
        """Renew the leases when it is time; on shutdown, release what was not started.

        A living process keeps its claims, so no other process starts what it holds.
        """
        if shutdown.is_requested():
            self._release([key for key, job in self._jobs.items() if job is None])
        if dispatch_claims.seconds_since(self._renewed_at) >= settings.LEASE_SECONDS / 3:
            batch.retry_on_db_loss(self._renew)

    def execute(self, group: Sequence[Pending]) -> None:
        """Execute the commands, and note which claims they spent and which jobs they started."""
        batch.execute(group, self._by)
        for pending in group:
            self._jobs.pop(pending.command.spent_claim, None)
            if isinstance(pending.result, Job):
                self._jobs[pending.result.key] = pending.result

    def _renew(self) -> None:
        self._renewed_at = dispatch_claims.read_clocks()
        for claim in dispatch_claims.renew(list(self._jobs)):
            if job := self._jobs[claim]:
                job.lease.confirm(self._renewed_at, settings.LEASE_SECONDS)

    def _release(self, claims: Collection[Claim]) -> None:
        batch.retry_on_db_loss(lambda: dispatch_claims.release(claims))
        for claim in claims:
            del self._jobs[claim]
