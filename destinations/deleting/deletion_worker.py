"""The deletions of a worker process: a thread for the database, the loop for the networks.

A Celery task wakes it and ends, so that a network that hangs holds no thread of Celery's. Each
deletion is a coroutine on the loop that publishing uses too.
"""

import uuid
from collections import Counter
from functools import partial

import structlog

from destinations.deleting import claims
from destinations.deleting.claims import ClaimedDeletion
from destinations.deleting.run import run
from destinations.jobs.engine import Engine, OnePerProcess
from destinations.runtime import batch, event_loop, shutdown
from destinations.runtime.command_queue import CommandFailed, Execute

log = structlog.get_logger()

#: From so many deletions in flight at a network, no more of them are claimed.
AT_ONCE = 20
#: How long a stopping worker waits for what is in flight. The rest is due when its lease ends.
STOP_SECONDS = 20
BY = "worker:deleting"


class Deletions:
    """What is due, and what is in flight."""

    def __init__(self) -> None:
        self._network = event_loop.current()
        self._commands = self._network.command_queue()
        #: The networks of the claims in flight.
        self._in_flight: dict[uuid.UUID, str] = {}
        self._is_woken = False

    @property
    def running(self) -> int:
        return self._commands.running

    @property
    def is_over(self) -> bool:
        """Whether nothing is due or in flight."""
        return not self._is_woken and not self.running

    def wake(self) -> None:
        """Claim what is due soon. Returns at once; called from any thread."""
        self._is_woken = True
        self._commands.poke()

    def step(self) -> bool:
        """Execute what coroutines ask for, and begin with what is due. False: nothing came."""
        group = self._commands.take(batch.IDLE_SECONDS)
        try:
            if group:
                batch.execute(group, BY)
        finally:
            self._commands.resolve(group)
        is_woken, self._is_woken = self._is_woken, False
        if (group or is_woken) and not shutdown.is_requested():
            self._begin()
        return bool(group)

    def cancel(self) -> None:
        self._commands.cancel()

    def _begin(self) -> None:
        at_network = Counter(list(self._in_flight.values()))
        busy = [key for key, count in at_network.items() if count >= AT_ONCE]
        if claimed := claims.claim(AT_ONCE, busy):
            self._in_flight |= {each.claim: each.platform for each in claimed}
            self._commands.run([partial(self._one, each) for each in claimed])
            # More may be due.
            self.wake()

    async def _one(self, claim: ClaimedDeletion, execute: Execute) -> None:
        try:
            await run(self._network, claim, execute)
        except CommandFailed as failure:
            log.info("deletion_claim_lost", deletion=str(claim.id), reason=str(failure))
        finally:
            self._in_flight.pop(claim.claim, None)


def work() -> None:
    """Work on deletions on this thread until none is due or in flight."""
    deletions = Deletions()
    deletions.wake()
    try:
        while not deletions.is_over:
            deletions.step()
    finally:
        deletions.cancel()


class DeletionEngine(Engine):
    name = "deletions"

    def __init__(self) -> None:
        self._deletions = Deletions()
        super().__init__()

    @property
    def running(self) -> int:
        return self._deletions.running

    def step(self) -> bool:
        return self._deletions.step()

    def wake(self) -> None:
        self._deletions.wake()


_engine = OnePerProcess(DeletionEngine)


def wake() -> None:
    """Work on what is due, on a thread of its own; returns at once."""
    _engine.current().wake()


def stop() -> None:
    """Wait a while for what is in flight. After `shutdown.request` nothing new begins."""
    _engine.stop(STOP_SECONDS)
