"""The commands of a publish, as the thread that owns the database executes them."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from destinations.accounts import encryption
from destinations.dispatch import claims
from destinations.dispatch.claims import ClockReading
from destinations.publishing import lookalikes, media_host, ownership, plan
from destinations.publishing.job import Job
from destinations.runtime import clock, database
from destinations.runtime.worker.batch import Command, CommandKind
from destinations.runtime.worker.command_queue import CommandFailed
from destinations.state import attempts, lease_sql
from platforms.checkpoint import Lookalike


class ClaimLost(CommandFailed):
    """The lease ended and another worker holds the destination now."""


class Released(ClaimLost):
    """We are shutting down, and gave the claim back ourselves."""


@dataclass(frozen=True, slots=True)
class Start(Command):
    """Start or continue a claimed destination. Results in its Job, or None if nothing is to be
    done; raises ClaimLost if the claim is stale or given back: paused, limited, not its turn.

    `host_answers`: our own web host answers again, so the destination no longer waits for it.
    `new_claim` is what the destination gets, so that a start whose commit was made and not
    acknowledged is known for its own when it is repeated.
    """

    kind = CommandKind.START

    id: uuid.UUID
    claim: uuid.UUID
    host_answers: bool = False
    new_claim: uuid.UUID = field(default_factory=uuid.uuid4)

    @classmethod
    def execute_many(cls, commands: Sequence["Start"], by: str) -> list[Job | ClaimLost | None]:
        jobs = plan.start(
            [(each.id, each.claim) for each in commands],
            by,
            host_answers_to={each.id for each in commands if each.host_answers},
            new_claims={each.id: each.new_claim for each in commands},
        )
        lost = ClaimLost("stale, or it keeps its place")
        return [jobs.get(each.id, lost) for each in commands]

    @property
    def destination(self) -> uuid.UUID:
        return self.id

    @property
    def spent_claim(self) -> tuple[uuid.UUID, uuid.UUID]:
        return self.id, self.claim

    def crashed(self, by: str) -> None:
        plan.crashed(self.id, self.claim, by)


class JobCommand(Command):
    """A command of a started job."""

    job: Job

    @property
    def destination(self) -> uuid.UUID:
        return self.job.id


@dataclass(frozen=True, slots=True)
class SaveCheckpoint(JobCommand):
    """Make a checkpoint durable and, with `sending`, that the irreversible call is about to leave.

    Results in how many seconds of the lease were left at a moment (`claims.read_clocks`), the
    moment first; raises ClaimLost.
    """

    kind = CommandKind.SAVE

    job: Job
    checkpoint: dict[str, Any]
    sending: bool
    answered: bool

    @classmethod
    def execute_many(
        cls, commands: Sequence["SaveCheckpoint"], by: str
    ) -> list[tuple[ClockReading, float] | ClaimLost]:
        asked_at = claims.read_clocks()
        left = _save(commands)
        return [
            (asked_at, left[each.job.id]) if each.job.id in left else ClaimLost()
            for each in commands
        ]


@dataclass(frozen=True, slots=True)
class FindOwners(JobCommand):
    """Find the posts (links by ids) that another destination has. Results in their ids."""

    kind = CommandKind.FIND_OWNERS

    job: Job
    posts: Mapping[str, str]

    def execute(self) -> frozenset[str]:
        return ownership.owned_by_others(
            [ownership.Found.on(self.job, *post) for post in self.posts.items()]
        )


@dataclass(frozen=True, slots=True)
class FindLookalikes(JobCommand):
    """Find other destinations that may have made a post that was found; see `lookalikes`."""

    kind = CommandKind.FIND_LOOKALIKES

    job: Job

    def execute(self) -> list[Lookalike] | None:
        return lookalikes.find(self.job)


class JobEnd(JobCommand):
    """The last command of a job."""

    @property
    def spent_claim(self) -> tuple[uuid.UUID, uuid.UUID]:
        return self.job.key


@dataclass(frozen=True, slots=True)
class Postpone(JobEnd):
    """Give back a job that waits for our own web host."""

    kind = CommandKind.POSTPONE

    job: Job

    def execute(self) -> None:
        media_host.postpone(self.job)


@dataclass(frozen=True, slots=True)
class ReleaseClaim(Command):
    """Leave a destination, or the rest of a job whose checkpoint is saved, to another worker."""

    kind = CommandKind.RELEASE

    id: uuid.UUID
    claim: uuid.UUID

    @classmethod
    def execute_many(cls, commands: Sequence["ReleaseClaim"], by: str) -> list[None]:
        claims.release([each.spent_claim for each in commands])
        return [None] * len(commands)

    @property
    def destination(self) -> uuid.UUID:
        return self.id

    @property
    def spent_claim(self) -> tuple[uuid.UUID, uuid.UUID]:
        return self.id, self.claim


SAVE = f"""
WITH v AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(
        id uuid, held uuid, attempt integer, checkpoint text, sending boolean, answered boolean)
), saved AS (
    UPDATE destinations_destination d
    SET checkpoint = v.checkpoint, due_at = {lease_sql.EXTENDED}
    FROM v WHERE d.id = v.id AND d.claim = v.held
    RETURNING d.id, v.attempt, v.sending, v.answered, {lease_sql.LEFT} AS seconds_left
), sent AS ({attempts.SENT})
SELECT id, seconds_left FROM saved
"""


def _save(saves: Sequence[SaveCheckpoint]) -> dict[uuid.UUID, float]:
    """Return the ids whose checkpoint is now durable, with the seconds left of their leases.

    The claims of the others were lost.
    """
    rows = [
        {
            "id": save.job.id,
            "held": save.job.claim,
            "attempt": save.job.attempt,
            "checkpoint": encryption.seal(save.checkpoint),
            "sending": save.sending,
            "answered": save.answered,
        }
        for save in saves
    ]
    values: dict[str, str | datetime] = {
        "rows": json.dumps(rows, default=str),
        "lease": f"{settings.LEASE_SECONDS} seconds",
        "at": clock.now(),
    }
    return dict(database.execute_prepared(SAVE, values))
