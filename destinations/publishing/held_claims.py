"""The claims that a worker process holds, and the renewal of their leases."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from destinations.dispatch import claims as dispatch_claims
from destinations.dispatch.claims import Claimed
from destinations.publishing.job import Job
from destinations.runtime import batch, shutdown
from destinations.runtime.command_queue import Pending


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
        self._renew_after = settings.LEASE_SECONDS / 3
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
            if dispatch_claims.seconds_since(self._renewed_at) >= self._renew_after:
                batch.retry_on_db_loss(self._renew)
        finally:
            self._keeping.release()

    def execute(self, group: Sequence[Pending]) -> None:
        """Execute the commands, and note which claims they spent and which jobs they started."""
        batch.execute(group, self._by)
        with self._lock:
            for pending in group:
                if not pending.is_locked and (spent := pending.command.spent_claim):
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
        renewed = dispatch_claims.renew(list(jobs))
        for claim in renewed:
            if job := jobs[claim]:
                job.lease.confirm(self._renewed_at, settings.LEASE_SECONDS)
        # What is missing is locked, and has another chance before its lease ends; or it is lost.
        part = 3 if len(renewed) == len(jobs) else 12
        self._renew_after = settings.LEASE_SECONDS / part

    def _release_unstarted(self) -> None:
        with self._lock:
            unstarted = [(pk, held.claim) for pk, held in self._held.items() if held.job is None]
        dispatch_claims.release(unstarted)
        with self._lock:
            for spent in unstarted:
                self._spend(spent, None)
