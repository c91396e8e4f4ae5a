"""Publish as a worker does, or step by step by the commands of its database thread."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import worker
from destinations.publishing.commands import SaveCheckpoint, Start
from destinations.publishing.job import Job
from destinations.runtime import clock
from destinations.runtime.worker import batch
from destinations.runtime.worker.batch import Command
from destinations.runtime.worker.command_queue import Pending


def execute(command: Command, by: str = "worker:a") -> Any:
    """The result; raises what is raised in the coroutine that asks."""
    (result,) = execute_all([command], by)
    if isinstance(result, Exception):
        raise result
    return result


def execute_all(commands: Sequence[Command], by: str = "worker:a") -> list[Any]:
    """The results of commands that are executed together; some may be exceptions."""
    group = [Pending(command) for command in commands]
    batch.execute(group, by)
    return [pending.result for pending in group]


def begin(row: Destination) -> Job:
    """The job of the worker that claims it, a lease after what became of an earlier one."""
    settle(row)
    Destination.objects.filter(pk=row.pk).update(due_at=clock.now())
    (claimed,) = claims.claim(10)
    return execute(Start(row.pk, claimed.claim))


def settle(row: Destination) -> None:
    """A lease passes after its call was announced, so that it has arrived or never will."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    earlier = {name: F(name) - lease for name in ("sent_at", "lease_until")}
    row.attempt_rows.filter(sent_at__isnull=False, finished_at=None).update(**earlier)


def send(row: Destination) -> Job:
    """The same, once its irreversible call is about to leave."""
    job = begin(row)
    execute(SaveCheckpoint(job, {}, sending=True, answered=False))
    return job


def run() -> None:
    """Claim what is due and publish it, as beat and a worker would."""
    worker.publish(claims.claim(100))


def work() -> None:
    """Make all that waits due, and publish it."""
    Destination.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    run()
