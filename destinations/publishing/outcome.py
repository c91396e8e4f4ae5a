"""What a result means for a destination: (job, result) → one move. Pure: `complete` writes it.

Every destination ends, no matter what a network answers: `RetryPolicy.bounds` says
when. Waiting counts as no failure, so it is bounded by time, and its pauses grow.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from destinations.accounts import encryption
from destinations.publishing.job import Job
from platforms import retry
from platforms.errors import (
    MediaHostAway,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from platforms.outcomes import (
    Absent,
    Finding,
    PartiallyPublished,
    Processing,
    Published,
    RefusedLater,
    Undeterminable,
)

Result = Finding | PlatformError
#: These spend no try.
WAITING = (RateLimited, MediaHostAway)

#: The error of a post that may be public if no look-up can tell.
MAY_BE_LIVE = "It may be live: {look_at}. It is not sent again unless a person says so."


@dataclass(frozen=True, slots=True)
class Decision:
    """A move with its fields, the outcome of the attempt, and what it means for the account."""

    move: str
    fields: dict[str, Any]
    reason: str
    #: The attempt's outcome; empty while it stays open.
    outcome: str = ""
    error: PlatformError | None = None
    hold_account_until: datetime | None = None
    account_is_unauthorized: bool = False


def decide(
    job: Job,
    result: Result,
    *,
    checkpoint: dict[str, Any],
    now: datetime,
    spread: Callable[[], float] = random.random,
) -> Decision:
    """The one move that follows from a result."""
    if isinstance(result, Published):
        return _published(job, result, now)
    kept = {"checkpoint": encryption.seal(checkpoint)}
    if job.look_for is not None:
        return _after_look(job, result, checkpoint, kept, now, spread)
    if isinstance(result, Processing):
        return _processing(job, result, kept, now)
    if isinstance(result, OutcomeUnknown):
        return _mark_unconfirmed(job, result, kept, now)
    if isinstance(result, PlatformError):
        return _failed(job, result, kept, now, spread)
    raise TypeError(f"publish answered {result!r}")


def _published(job: Job, result: Published, now: datetime) -> Decision:
    fields = {
        "published_at": now,
        "notes": [*job.notes, *(note for note in result.notes if note not in job.notes)],
        "platform_post_id": result.id,
        "platform_post_url": result.url,
        "checkpoint": "",
        "error": "",
        "error_code": "",
    }
    return Decision("succeed", fields, "published", outcome="published")


def _processing(job: Job, result: Processing, kept: dict[str, Any], now: datetime) -> Decision:
    policy, spent = job.adapter.retry, now - job.started_at
    ends_at = job.started_at + timedelta(seconds=policy.processing_cap_seconds)
    if now >= ends_at:
        error = OutcomeUnknown(f"{job.adapter.name} did not finish processing in time.")
        return _mark_unconfirmed(job, error, kept, now)
    pause = timedelta(seconds=policy.eased(result.after_seconds, spent))
    due_at = min(now + pause, ends_at)
    return Decision("wait", {**kept, "due_at": due_at, "wanted_at": due_at}, "processing")


def _mark_unconfirmed(
    job: Job, error: PlatformError, kept: dict[str, Any], now: datetime
) -> Decision:
    due_at = now + timedelta(seconds=job.adapter.retry.find_delays_seconds[0])
    fields = {**kept, "due_at": due_at, "wanted_at": due_at, "lookups": 0}
    return Decision("mark_unconfirmed", fields, error.message, error=error)


def _failed(
    job: Job,
    error: PlatformError,
    kept: dict[str, Any],
    now: datetime,
    spread: Callable[[], float],
) -> Decision:
    """Nothing is public: try again by policy, or fail."""
    failures = job.failures + (0 if isinstance(error, WAITING) else 1)
    at = job.adapter.retry.next_try(
        error,
        failures=failures,
        begun_at=job.begun_at,
        now=now,
        spread=spread(),
    )
    fields = {**kept, "failures": failures, "error": error.message, "error_code": error.code}
    if at is None:
        unauthorized = _is_authorization_gone(error)
        return Decision(
            "fail", fields, error.message, error.code, error, account_is_unauthorized=unauthorized
        )
    fields |= {"due_at": at, "next_retry_at": at, "wanted_at": at}
    hold = at if isinstance(error, RateLimited) else None
    move = "retry_soon" if at - now <= retry.SOON else "retry"
    return Decision(move, fields, error.message, error.code, error, hold_account_until=hold)


def _is_authorization_gone(result: Result) -> bool:
    """Whether to mark the account. A restricted one keeps its tokens, which still work."""
    return isinstance(result, Unauthorized) and result.code != "account_restricted"


def _after_look(
    job: Job,
    result: Result,
    checkpoint: dict[str, Any],
    kept: dict[str, Any],
    now: datetime,
    spread: Callable[[], float],
) -> Decision:
    if isinstance(result, RefusedLater):
        return _failed(job, result.error, kept, now, spread)
    if isinstance(result, Absent) and result.proven:
        error = Unavailable(f"{job.adapter.name} did not publish it.", code="not_published")
        return _failed(job, error, kept, now, spread)
    if isinstance(result, PartiallyPublished):
        return _continue(job, checkpoint, kept, now, spread)
    if isinstance(result, Undeterminable):
        return _may_be_live(job, kept, result.look_at)
    return _check_again(job, result, kept, now)


def _continue(
    job: Job,
    checkpoint: dict[str, Any],
    kept: dict[str, Any],
    now: datetime,
    spread: Callable[[], float],
) -> Decision:
    """A part was found to be public: send the next one at once, and count no failure.

    If nothing new was found, or it is too late, this counts as a failed try.
    """
    is_late = now > job.begun_at + timedelta(seconds=job.adapter.retry.give_up_after_seconds)
    if is_late or checkpoint == dict(job.checkpoint):
        error = Unavailable("A part is public; the rest was not sent.", code="not_published")
        return _failed(job, error, kept, now, spread)
    fields = {**kept, "due_at": now, "next_retry_at": now, "wanted_at": now}
    fields |= {
        "failures": job.failures,
        "error": "A part is public; the rest follows.",
        "error_code": "not_published",
    }
    return Decision("retry_soon", fields, "a part was found", outcome="unfinished")


def _check_again(job: Job, result: Result, kept: dict[str, Any], now: datetime) -> Decision:
    """Not seen yet, still processing, or the look-up itself failed."""
    policy, lookups, hold = job.adapter.retry, job.lookups + 1, None
    seconds, reason = _pause(job, result, now)
    if isinstance(result, Absent) and lookups >= len(policy.find_delays_seconds):
        return _may_be_live(job, kept, "")
    due_at = now + timedelta(seconds=seconds)
    if isinstance(result, RateLimited):
        hold = due_at
    ends_at = job.begun_at + timedelta(seconds=policy.give_up_after_seconds)
    # The last look-up is at the very end, unless a rate limit lasts longer.
    if now >= ends_at or (hold and hold > ends_at):
        return _may_be_live(job, kept, "")
    due_at = min(due_at, ends_at)
    # Only answers count: a failed look-up does not say that nothing is there.
    counted = lookups if isinstance(result, Absent) else job.lookups
    fields = {**kept, "due_at": due_at, "wanted_at": due_at, "lookups": counted}
    # An account that may not be read may still post: only a refused token rules that out.
    unauthorized = isinstance(result, Unauthorized) and result.code == result.default_code
    return Decision(
        "check_again", fields, reason, hold_account_until=hold, account_is_unauthorized=unauthorized
    )


def _pause(job: Job, result: Result, now: datetime) -> tuple[float, str]:
    """How many seconds until the next look-up, and why there is one."""
    policy, spent = job.adapter.retry, now - (job.look_for or job.begun_at)
    pauses = policy.find_delays_seconds
    usual = pauses[min(job.lookups + 1, len(pauses) - 1)]
    if isinstance(result, Processing):
        return policy.eased(max(result.after_seconds, pauses[0]), spent), "still processing"
    if not isinstance(result, PlatformError):
        return usual, "not seen yet"
    reason = f"the look-up failed: {result.message}"
    if isinstance(result, RateLimited):
        return policy.limited_seconds(result, spent), reason
    # The network may have asked for a longer pause.
    return policy.eased(max(usual, result.retry_after_seconds or 0), spent), reason


def _may_be_live(job: Job, kept: dict[str, Any], look_at: str) -> Decision:
    where = look_at or f"look at {job.credentials.username} on {job.adapter.name}"
    error = OutcomeUnknown(MAY_BE_LIVE.format(look_at=where))
    fields = {
        **kept,
        "failures": job.failures + 1,
        "error": error.message,
        "error_code": error.code,
    }
    return Decision("fail", fields, "cannot tell", outcome=error.code, error=error)
