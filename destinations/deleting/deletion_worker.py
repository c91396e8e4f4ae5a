"""The deletions of a worker process: a thread for the database, the loop for the networks.

A Celery task wakes it and ends, so that a network that hangs holds no thread of Celery's. Each
deletion is a coroutine on the loop that publishing uses too.
"""

from collections import Counter

import structlog

from destinations.deleting import claims
from destinations.deleting.run import run
from destinations.jobs.command_engine import CommandEngine
from destinations.jobs.engine import OnePerProcess
from destinations.models import Deletion
from destinations.runtime.worker.command_queue import CommandFailed, Execute

log = structlog.get_logger()

#: From so many deletions in flight at a network, no more of them are claimed.
AT_ONCE = 20


class DeletionEngine(CommandEngine[Deletion]):
    name = "deletions"
    rows = claims.ROWS
    by = "worker:deleting"
    # What is in flight then is due when its lease ends.
    stop_seconds = 20

    def begin(self) -> None:
        at_network = Counter(row.platform for row in self.in_flight())
        busy = [key for key, count in at_network.items() if count >= AT_ONCE]
        if claimed := claims.claim(AT_ONCE, busy):
            self.start(claimed, self._delete)
            # More may be due.
            self.wake()

    async def _delete(self, claimed: Deletion, execute: Execute) -> None:
        try:
            await run(self.network, claimed, execute)
        except CommandFailed as failure:
            log.info("deletion_claim_lost", deletion=str(claimed.pk), reason=str(failure))


_engine = OnePerProcess(DeletionEngine)


def wake() -> None:
    """Work on what is due, on a thread of its own; returns at once."""
    _engine.current().wake()
