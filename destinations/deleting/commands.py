"""The commands of a deletion, as the thread that owns the database executes them.

Each is guarded by the claim: a worker that lost its row changes nothing. That is harmless, because
the worker that has it asks the network again.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db.models import F

from destinations.accounts import encryption
from destinations.accounts.tokens.commands import MarkUnauthorized
from destinations.deleting import record
from destinations.deleting.claims import ROWS, DeletionJob
from destinations.deleting.outcome import DeletionDecision, decide
from destinations.models import Account, Deletion
from destinations.runtime import clock
from destinations.runtime.worker.batch import Command, CommandKind
from destinations.runtime.worker.command_queue import CommandFailed
from platforms.errors import PlatformError
from platforms.registry import ADAPTERS

log = structlog.get_logger()
D = Deletion.Status


class ClaimLost(CommandFailed):
    """The lease ended and another worker has the deletion now."""


class DeletionCommand(Command):
    """A command on one deletion. What ends it locks its post's destinations first, as those do
    who ask for deletions, so that no two wait for each other."""

    kind = CommandKind.DELETION
    post_id: uuid.UUID

    @classmethod
    def execute_many(cls, commands: Sequence["DeletionCommand"], by: str) -> list[Any]:
        results: list[Any] = [None] * len(commands)
        in_order = sorted(enumerate(commands), key=lambda each: each[1].post_id)
        for place, command in in_order:
            try:
                results[place] = command.execute()
            except ClaimLost as lost:
                results[place] = lost
        return results


@dataclass(frozen=True, slots=True)
class Begin(DeletionCommand):
    """Begin a claimed deletion. Results in its job; None if there is nothing to do any more."""

    claimed: Deletion

    def execute(self) -> DeletionJob | None:
        rows = Deletion.objects.filter(pk=self.claimed.pk, claim=self.claimed.claim)
        row = rows.select_related("account").first()
        if row is None:
            return None
        job, (code, message) = _load(row)
        if job is None:
            _end(row, DeletionDecision(D.FAILED, row.failures, error=message, error_code=code))
            return None
        is_ours = rows.update(status=D.DELETING, attempts=F("attempts") + 1)
        return job if is_ours else None

    @property
    def post_id(self) -> uuid.UUID:  # type: ignore[override]
        return self.claimed.post_id

    @property
    def destination(self) -> uuid.UUID:
        return self.claimed.pk


def _load(row: Deletion) -> tuple[DeletionJob | None, tuple[str, str]]:
    """Return the job, or (code, message) of why there is none."""
    account = row.account
    if account is None:
        return None, ("account_removed", f"The account {row.account_name} was removed.")
    if not account.is_active:
        return None, ("account_inactive", f"The account {account.name} is switched off.")
    if account.needs_reconnection_since:
        reconnect = f"Reconnect {account.name}, then delete it again."
        return None, ("account_needs_reconnection", reconnect)
    try:
        return _job(row, account), ("", "")
    except encryption.Unreadable:
        message = "The credentials cannot be decrypted with the configured keys."
        return None, ("credentials_unreadable", message)


def _job(row: Deletion, account: Account) -> DeletionJob:
    assert row.claim  # noqa: S101 - it was found by its claim
    return DeletionJob(
        id=row.pk,
        claim=row.claim,
        destination_id=row.destination_id,
        post_id=row.post_id,
        workspace_id=row.workspace_id,
        account_id=account.pk,
        adapter=ADAPTERS[row.platform],
        credentials=encryption.credentials(account),
        parts=row.parts,
        is_proven=row.is_proven,
        failures=row.failures,
        asked_at=row.asked_at,
        token_expires_at=account.token_expires_at,
        request_id=row.request_id,
    )


class DeletionJobCommand(DeletionCommand):
    """A command of a job that has begun."""

    job: DeletionJob

    @property
    def post_id(self) -> uuid.UUID:  # type: ignore[override]
        return self.job.post_id

    @property
    def destination(self) -> uuid.UUID:
        return self.job.id


@dataclass(frozen=True, slots=True)
class SaveProgress(DeletionJobCommand):
    """Make durable what the network said so far. Raises ClaimLost."""

    job: DeletionJob

    def execute(self) -> None:
        job = self.job
        mine = Deletion.objects.filter(pk=job.id, claim=job.claim)
        if not mine.update(parts=job.parts, is_proven=job.is_proven):
            raise ClaimLost


@dataclass(frozen=True, slots=True)
class End(DeletionJobCommand):
    """Record how a try of a job ended; without a `failure` each part is gone."""

    job: DeletionJob
    failure: PlatformError | None

    def execute(self) -> None:
        job = self.job
        row = Deletion.objects.filter(pk=job.id, claim=job.claim).first()
        if row is None:
            log.info("deletion_claim_lost", **job.ids)
            return
        row.parts, row.is_proven = job.parts, job.is_proven
        decision = decide(job, self.failure, clock.now())
        _end(row, decision)
        if decision.is_limited and decision.due_at:
            _hold_others(row, decision.due_at)
        if decision.account_is_unauthorized:
            MarkUnauthorized(job.account_id, job.credentials).execute()


def _end(row: Deletion, decision: DeletionDecision) -> None:
    """Write the decision, unless another worker has the row by now."""
    destinations = record.lock(row.post_id)
    if ours := ROWS.hold(row):
        # Whether the post here is to go may have been asked for meanwhile.
        row.removes_post = ours.removes_post
        record.end(row, decision, destinations)


def _hold_others(row: Deletion, until: datetime) -> None:
    """Let the account's other deletions wait as well, as its network asks."""
    waiting = Deletion.objects.filter(account=row.account_id, status=D.WAITING, claim=None)
    waiting.filter(due_at__lt=until).update(due_at=until)
