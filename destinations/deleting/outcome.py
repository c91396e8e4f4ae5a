"""Turn a network's answer into what happens to a deletion. Pure: `commands` writes it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from destinations.deleting.claims import DeletionJob
from destinations.models import Deletion
from platforms.errors import OutcomeUnknown, PlatformError, RateLimited, Unauthorized, Unavailable

D = Deletion.Status


@dataclass(frozen=True, slots=True)
class DeletionDecision:
    """The next state of a deletion. `due_at`: when it is tried again; None: it has ended."""

    status: str
    failures: int
    due_at: datetime | None = None
    error: str = ""
    error_code: str = ""
    #: The account's other deletions wait too.
    is_limited: bool = False
    #: The network no longer accepts the account's token, for anything.
    account_is_unauthorized: bool = False


def decide(
    job: DeletionJob,
    failure: PlatformError | None,
    now: datetime,
    spread: Callable[[], float] = random.random,
) -> DeletionDecision:
    """Decide how a deletion goes on. Without a `failure` each part is gone."""
    if failure is None:
        deleted = any(part["removal"] == D.DELETED for part in job.parts)
        return DeletionDecision(D.DELETED if deleted else D.ALREADY_GONE, job.failures)
    if isinstance(failure, OutcomeUnknown):
        # It may be asked again.
        failure = failure.as_(Unavailable)
    failures = job.failures + (not isinstance(failure, RateLimited))
    at = job.adapter.retry.next_try(
        failure, failures=failures, begun_at=job.asked_at, now=now, spread=spread()
    )
    gone = isinstance(failure, Unauthorized) and failure.code == failure.default_code
    return DeletionDecision(
        D.FAILED if at is None else D.WAITING,
        failures,
        at,
        failure.message,
        failure.code,
        is_limited=at is not None and isinstance(failure, RateLimited),
        account_is_unauthorized=gone,
    )
