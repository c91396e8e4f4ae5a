"""The claims that a worker process holds, the renewal of their leases, and its signs of life."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from django.conf import settings

from destinations.dispatch import claims as dispatch_claims
from destinations.dispatch.claims import Claimed, ClockReading
from destinations.publishing.job import Job
from destinations.runtime.worker import batch, shutdown
from destinations.runtime.worker.command_queue import Pending
from destinations.state import takeover

Key = tuple[uuid.UUID, uuid.UUID]


class HeldClaims:
    """The claims that this process holds. Any thread may use it.

    A start replaces the claim of a destination. The old one, which its message names, is kept
    beside the new one, which its row has. A process may hold an ended claim of a destination beside
    the one that it works on.
    """

    def __init__(self, by: str) -> None:
        self._by = by
        #: The claims received, with their jobs; None: not started.
        self._jobs: dict[Key, Job | None] = {}
        #: The claims received, by their present ones.
        self._received: dict[Key, Key] = {}
        self._lock = threading.Lock()
        self._renewed_at = dispatch_claims.read_clocks()
        self._renew_after = settings.LEASE_SECONDS / 3
        #: When this process last said that it is alive; None: it holds nothing, as far as is known.
        self._beaten_at: ClockReading | None = None
        #: One thread renews and releases at a time.
        self._keeping = threading.Lock()

    def add(self, claims: Iterable[Claimed]) -> list[Claimed]:
        """Hold these claims. Returns them without those that are held: a message was repeated."""
        added = []
        with self._lock:
            for claimed in claims:
                if claimed.key not in self._jobs:
                    self._jobs[claimed.key] = None
                    self._received[claimed.key] = claimed.key
                    added.append(claimed)
        return added

    def forget(self, claimed: Claimed) -> None:
        """Renew this claim no more: its coroutine has ended, no matter why."""
        with self._lock:
            if claimed.key in self._jobs:
                self._drop(claimed.key)

    def in_flight(self) -> tuple[dict[str, int], int]:
        with self._lock:
            jobs = list(self._jobs.values())
        begun = Counter(job.adapter.key for job in jobs if job)
        return dict(begun), len(jobs) - begun.total()

    def keep(self) -> None:
        """Renew the leases, and show life; on shutdown, release what was not started.

        A living process keeps its claims, so no other process starts what it holds.
        """
        if not (self._jobs or self._beaten_at) or not self._keeping.acquire(blocking=False):
            return
        try:
            if _is_over(self._beaten_at, takeover.BEAT_SECONDS):
                batch.retry_on_db_loss(self._show_life)
            if shutdown.is_requested():
                batch.retry_on_db_loss(self._release_unstarted)
            if self._jobs and _is_over(self._renewed_at, self._renew_after):
                batch.retry_on_db_loss(self._renew)
        finally:
            self._keeping.release()

    def leave(self) -> None:
        """Say that this process holds no claims, if that is so."""
        if self._beaten_at and not self._jobs:
            self._show_life()

    def execute(
        self, group: Sequence[Pending], before_commit: Callable[[], None] = batch.nothing
    ) -> None:
        """Execute the commands, and note which claims they spent and which jobs they started."""
        batch.execute(group, self._by, before_commit)
        with self._lock:
            for pending in group:
                if not pending.is_locked and (spent := pending.command.spent_claim):
                    self._spend(spent, pending.result)

    def _spend(self, spent: Key, result: object) -> None:
        received = self._received.get(spent)
        if received is None:
            return
        if isinstance(result, Job):
            del self._received[spent]
            self._received[result.key] = received
            self._jobs[received] = result
        else:
            self._drop(received)

    def _drop(self, received: Key) -> None:
        job = self._jobs.pop(received)
        del self._received[job.key if job else received]

    def _show_life(self) -> None:
        name = self._by.removeprefix("worker:")
        if not self._jobs:
            takeover.end(name)
            self._beaten_at = None
            return
        takeover.beat(name)
        self._beaten_at = dispatch_claims.read_clocks()

    def _renew(self) -> None:
        self._renewed_at = dispatch_claims.read_clocks()
        with self._lock:
            jobs = {now: self._jobs[received] for now, received in self._received.items()}
        renewed = dispatch_claims.renew(list(jobs))
        for claim in renewed:
            if job := jobs[claim]:
                job.lease.confirm(self._renewed_at, settings.LEASE_SECONDS)
        # A missing row is locked, and has another chance before its lease ends; or it is lost.
        part = 3 if len(renewed) == len(jobs) else 12
        self._renew_after = settings.LEASE_SECONDS / part

    def _release_unstarted(self) -> None:
        with self._lock:
            unstarted = [received for received, job in self._jobs.items() if job is None]
        dispatch_claims.release(unstarted)
        with self._lock:
            for spent in unstarted:
                self._spend(spent, None)


def _is_over(since: ClockReading | None, seconds: float) -> bool:
    return since is None or dispatch_claims.seconds_since(since) >= seconds
