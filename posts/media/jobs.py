"""Leased jobs on files, run by the workers of the queue `media`.

A message only wakes a worker up, which then runs due jobs until none is left. If a worker dies
after it stored bytes that the row does not name yet, another one does the job again, and cleanup
removes the bytes.
"""

import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Q, QuerySet

from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime.worker import shutdown
from posts.models import MediaJob

Job = TypeVar("Job", bound=MediaJob)


class MediaJobQueue(ABC, Generic[Job]):
    """Jobs that wait only for each other; each process runs up to `at_once` of them."""

    rows: ClassVar[LeasedRows[Any]]
    #: Written to a job that is claimed, beside its lease.
    claimed_fields: ClassVar[Mapping[str, Any]] = {}

    #: The jobs that take turns; the others wait until none of these is left.
    in_turn: ClassVar[Q] = Q()

    def __init__(self, at_once: int) -> None:
        self.slots = threading.BoundedSemaphore(at_once)
        #: Workspaces that have had their turn in this round.
        self._served: set[uuid.UUID] = set()

    def work(self) -> None:
        """Run due jobs until none is left, none can be done now, or this worker is stopping."""
        goes_on = not shutdown.is_requested()
        # The threads that hold the slots also run the jobs that become due meanwhile.
        while goes_on and self.slots.acquire(blocking=False):
            try:
                job = self.claim()
                goes_on = job is not None and self.run(job) and not shutdown.is_requested()
            finally:
                self.slots.release()

    def claim(self) -> Job | None:
        """Lease a due job to the caller, workspaces in turn; None if none is due."""
        rows = self.waiting().select_related("media")
        job: Any = None
        if self._served:
            others = rows.filter(self.in_turn).exclude(media__workspace__in=list(self._served))
            job = self.rows.claim_one(others, **self.claimed_fields)
        if job is None:
            self._served.clear()
            job = self.rows.claim_one(rows, **self.claimed_fields)
        if job:
            self._served.add(job.media.workspace_id)
        claimed: Job | None = job
        return claimed

    def run(self, job: Job) -> bool:
        """Run a claimed job and store the result. False: no job of the lane can be done now."""
        goes_on = True
        with self.rows.working(job):
            if self.rows.is_spent(job):
                self.give_up(job)
            else:
                goes_on = self.attempt(job)
        return goes_on

    @abstractmethod
    def waiting(self) -> QuerySet[Job]:
        """Return the lane's jobs, those that are to be claimed first at the beginning."""

    @abstractmethod
    def attempt(self, job: Job) -> bool:
        """Do the job and store the result, as `run`. Raises LeaseLost."""

    @abstractmethod
    def give_up(self, job: Job) -> None:
        """Fail a job that took down every worker that started it. Raises LeaseLost."""
