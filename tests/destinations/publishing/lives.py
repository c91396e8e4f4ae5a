"""A destination's life without a database: decisions, and a clock that jumps between them."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from destinations.publishing import outcome
from destinations.publishing.job import Job
from platforms.drafts import Credentials, Draft
from platforms.outcomes import PartiallyPublished
from platforms.registry import ADAPTERS

BEGUN = datetime(2026, 3, 15, 14, 0, tzinfo=UTC)
#: The longest chain that any network takes.
PARTS = 26


@dataclass
class Row:
    """A destination between its jobs, and its clock."""

    platform: str
    now: datetime = BEGUN
    failures: int = 0
    lookups: int = 0
    attempt: int = 1
    started_at: datetime = BEGUN
    sent_at: datetime | None = None
    parts: int = 1
    calls: int = 0
    moves: list[str] = field(default_factory=list)

    @property
    def public_parts(self) -> list[str]:
        """Their ids, as the checkpoint of a thread has them."""
        return [str(number) for number in range(self.parts)]

    def job(self) -> Job:
        return Job(
            id=uuid.uuid4(),
            claim=uuid.uuid4(),
            account_id=1,
            workspace_id=uuid.uuid4(),
            adapter=ADAPTERS[self.platform],
            draft=Draft(text="Hello"),
            credentials=Credentials("77", "acme", "secret"),
            checkpoint={"parts": self.public_parts},
            attempt=self.attempt,
            failures=self.failures,
            lookups=self.lookups,
            begun_at=BEGUN,
            started_at=self.started_at,
            look_for=self.sent_at,
        )

    def go(self, result: Any, took: timedelta, spread: float) -> bool:
        """One job with this result; returns whether it was the last."""
        job = self.job()
        began_at, self.now, self.calls = self.now, self.now + took, self.calls + 1
        if isinstance(result, PartiallyPublished) and self.parts < PARTS - 1:
            self.parts += 1
        made = outcome.decide(
            job,
            result,
            checkpoint={"parts": self.public_parts},
            now=self.now,
            spread=lambda: spread,
        )
        self.moves.append(made.move)
        if made.move in ("succeed", "fail"):
            return True
        self.failures = made.fields.get("failures", self.failures)
        self.lookups = made.fields.get("lookups", self.lookups)
        assert made.fields["due_at"] >= self.now
        self.now = made.fields["due_at"]
        if made.move == "mark_unconfirmed":
            self.sent_at = began_at
        if made.move in ("retry_soon", "retry"):
            self.attempt, self.started_at, self.sent_at = self.attempt + 1, self.now, None
        return False

    @property
    def lasted(self) -> timedelta:
        return self.now - BEGUN
