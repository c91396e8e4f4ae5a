"""The thread that works on deletions: one per process, while there are any.

A Celery task wakes it and ends, so that a network that hangs holds no thread of Celery's. It owns
its database connection; each deletion is a coroutine on the loop that publishing uses too.
"""

import threading
import uuid
from collections import Counter
from functools import partial

import structlog
from django.db import Error, connection

from destinations.deleting import claims
from destinations.deleting.claims import ClaimedDeletion
from destinations.deleting.run import run
from destinations.runtime import batch, event_loop, shutdown
from destinations.runtime.command_queue import CommandFailed, Execute

log = structlog.get_logger()

#: From so many deletions in flight at a network, no more of them are claimed.
AT_ONCE = 20
#: How long a stopping worker waits for what is in flight. The rest is due when its lease ends.
STOP_SECONDS = 20
BY = "worker:deleting"


def work() -> None:
    """Work on deletions on this thread until none is due or in flight."""
    network = event_loop.current()
    commands = network.command_queue()
    in_flight: dict[uuid.UUID, str] = {}
    try:
        while True:
            claimed = _claim(in_flight)
            in_flight |= {each.claim: each.platform for each in claimed}
            commands.run([partial(_one, network, each, in_flight) for each in claimed])
            if not commands.running:
                return
            group = commands.take(batch.IDLE_SECONDS)
            if group:
                batch.execute(group, BY)
            commands.resolve(group)
    finally:
        commands.cancel()


def _claim(in_flight: dict[uuid.UUID, str]) -> list[ClaimedDeletion]:
    if shutdown.is_requested():
        return []
    at_network = Counter(list(in_flight.values()))
    return claims.claim(AT_ONCE, [key for key, count in at_network.items() if count >= AT_ONCE])


async def _one(
    network: event_loop.Loop,
    claim: ClaimedDeletion,
    in_flight: dict[uuid.UUID, str],
    execute: Execute,
) -> None:
    try:
        await run(network, claim, execute)
    except CommandFailed as failure:
        log.info("deletion_claim_lost", deletion=str(claim.id), reason=str(failure))
    finally:
        in_flight.pop(claim.claim, None)


class DeletionWorker:
    """Has a thread while there is something to do."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_woken = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Work on what is due, on a thread of its own; returns at once."""
        with self._lock:
            self._is_woken = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deleting", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Wait a while for what is in flight. After `shutdown.request` nothing new begins."""
        if thread := self._thread:
            thread.join(STOP_SECONDS)

    def _run(self) -> None:
        try:
            while self._goes_on():
                work()
        except Error as failure:
            # Its rows are due again when their leases end, and the next tick wakes it.
            log.error("database_away", failure=str(failure))
            self._thread = None
        finally:
            connection.close()

    def _goes_on(self) -> bool:
        with self._lock:
            is_woken, self._is_woken = self._is_woken, False
            if not is_woken:
                self._thread = None
            return is_woken


_worker = DeletionWorker()
wake = _worker.wake
stop = _worker.stop
