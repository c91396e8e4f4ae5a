"""Leased jobs on files, run by the workers of the queue `media`.

A job is a row, because messages get lost and workers die. A message only wakes a worker up, which
then runs due jobs until none is left. A worker claims a job for the time of a lease, renews the
lease while it works, and writes to the row only while the claim is still its own. If it dies

- before its claim is committed, the job is due as before;
- while it works, the lease ends and another worker claims the job, with one more of its tries used;
- after it stored bytes that the row does not name yet, the same, and cleanup removes the bytes.
"""

import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import QuerySet

from destinations.runtime import broker, clock, shutdown
from posts.models import MediaJob

log = structlog.get_logger()

QUEUE = "media"
Job = TypeVar("Job", bound=MediaJob)


class LeaseLost(Exception):
    """Another worker has the job now, or it is no longer wanted."""


class Lane(ABC, Generic[Job]):
    """Jobs that wait only for each other; each process runs up to `at_once` of them."""

    model: type[Job]
    lease_seconds: ClassVar[int]
    #: A job that was started more often than this is given up.
    max_tries: ClassVar[int]

    def __init__(self, at_once: int) -> None:
        self.slots = threading.BoundedSemaphore(at_once)

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
        """Lease the first due job to the caller; None if none is due."""
        with transaction.atomic():
            rows = self.due(clock.now()).select_related("media")
            job = rows.select_for_update(skip_locked=True, of=("self",)).first()
            if job is not None:
                fields = self.claimed(job.tries + 1)
                write(job, **fields)
                vars(job).update(fields)
        return job

    def claimed(self, tries: int) -> dict[str, Any]:
        """The fields of a job that a worker starts for the `tries`th time."""
        lease_until = _from_now(self.lease_seconds)
        return {"claim": uuid.uuid4(), "tries": tries, self.model.LEASE_COLUMN: lease_until}

    def run(self, job: Job) -> bool:
        """Run a claimed job and store the result. False: no job of the lane can be done now."""
        with lease_may_end(job):
            if job.tries <= self.max_tries:
                return self.attempt(job)
            self.give_up(job)
        return True

    def renew(self, job: Job) -> None:
        """Restart the lease. Raises LeaseLost."""
        lease_until = _from_now(self.lease_seconds)
        write(job, **{job.LEASE_COLUMN: lease_until})
        setattr(job, job.LEASE_COLUMN, lease_until)

    def keep_alive(self, job: Job) -> None:
        """Renew the lease when a tenth of it has passed; called often. Raises LeaseLost."""
        left = getattr(job, job.LEASE_COLUMN) - clock.now()
        if left < timedelta(seconds=0.9 * self.lease_seconds):
            self.renew(job)

    @abstractmethod
    def due(self, now: datetime) -> QuerySet[Job]:
        """The jobs that may be claimed, first one first. Runs in the transaction of the claim."""

    @abstractmethod
    def attempt(self, job: Job) -> bool:
        """Do the job and store the result, as `run`. Raises LeaseLost."""

    @abstractmethod
    def give_up(self, job: Job) -> None:
        """Fail a job that took down every worker that started it. Raises LeaseLost."""


def write(job: MediaJob, **fields: Any) -> None:
    """Update the row of a claimed job. Raises LeaseLost."""
    if not type(job)._default_manager.filter(pk=job.pk, claim=job.claim).update(**fields):
        raise LeaseLost


def release(job: MediaJob, after_seconds: float, **fields: Any) -> None:
    """End the claim and set the lease column to so many seconds from now. Raises LeaseLost."""
    write(job, claim=None, **{job.LEASE_COLUMN: _from_now(after_seconds)}, **fields)


@contextmanager
def lease_may_end(job: MediaJob) -> Iterator[None]:
    """End the block quietly if it raises LeaseLost."""
    try:
        yield
    except LeaseLost:
        log.info("lease_lost", job=str(job.pk), model=job._meta.model_name)


def wake(task: str, *args: str) -> None:
    """Send the message that wakes a worker up, once the present transaction is committed.

    If the broker is away no job is lost: they stay due, and another message is sent later.
    """
    broker.after_commit(partial(_send, task, args))


def _send(task: str, args: tuple[str, ...]) -> None:
    try:
        current_app.send_task(task, args=args, queue=QUEUE, retry=False)
    except broker.AWAY as failure:
        broker.missed(failure, task=task)
    else:
        broker.reached()


def _from_now(seconds: float) -> datetime:
    return clock.now() + timedelta(seconds=seconds)
