"""Map a job's result to one move of its destination. Pure: `complete` writes it.

Every destination ends, no matter what a network answers: `RetryPolicy.bounds` says when. Waiting
counts as no failure, so it is bounded by time, and its pauses grow.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from destinations.accounts import encryption
from destinations.dispatch.holds import LONGEST_DOUBT
from destinations.publishing.job import Job
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
from platforms.policy import retry

Result = Finding | PlatformError
#: These spend no try.
WAITING = (RateLimited, MediaHostAway)

#: An account's other posts wait for the first lookup of a lost answer, so that they do not all come
#: into doubt: so long after its time, if it is not made.
LOOKUP_LATE = timedelta(seconds=15)
#: The error of a post that may be public if no lookup can tell.
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
    #: The account's other posts wait until then, or until the lost answer was looked up.
    doubt_until: datetime | None = None
    account_is_unauthorized: bool = False


def decide(
    job: Job,
    result: Result,
    *,
    checkpoint: dict[str, Any],
    now: datetime,
    is_down: bool = False,
    spread: Callable[[], float] = random.random,
) -> Decision:
    """Return the one move that follows from a result.

    `is_down`: the network did not take the post because it is down (`state.breaker`).
    """
    case = _Case(job, checkpoint, now, spread)
    if isinstance(result, Published):
        return case.published(result)
    if job.look_for is not None:
        return case.looked_up(result)
    if isinstance(result, Processing):
        return case.processing(result)
    if isinstance(result, OutcomeUnknown):
        return case.unconfirmed(result)
    if isinstance(result, PlatformError):
        return case.put_back(result) if is_down else case.failed(result)
    raise TypeError(f"publish answered {result!r}")


@dataclass(frozen=True, slots=True)
class _Case:
    """A job that ended now, with its checkpoint."""

    job: Job
    checkpoint: dict[str, Any]
    now: datetime
    spread: Callable[[], float]

    def published(self, result: Published) -> Decision:
        old = self.job.notes
        fields = {
            "published_at": self.now,
            "notes": [*old, *(note for note in result.notes if note not in old)],
            "platform_post_id": result.id,
            "platform_post_url": result.url,
            "checkpoint": encryption.seal(self._public_parts()),
            "error": "",
            "error_code": "",
        }
        return Decision("succeed", fields, "published", outcome="published")

    def _public_parts(self) -> dict[str, Any]:
        """Return what deleting a thread needs to know; nothing for a single post."""
        return self.job.adapter.parts_kept(self.checkpoint)

    def processing(self, result: Processing) -> Decision:
        job, policy = self.job, self.job.adapter.retry
        ends_at = job.started_at + timedelta(seconds=policy.processing_cap_seconds)
        if self.now >= ends_at:
            error = OutcomeUnknown(f"{job.adapter.name} did not finish processing in time.")
            return self.unconfirmed(error)
        pause = policy.eased(result.after_seconds, self.now - job.started_at)
        due_at = min(self.now + timedelta(seconds=pause), ends_at)
        return Decision("wait", self._open(due_at=due_at, wanted_at=due_at), "processing")

    def unconfirmed(self, error: PlatformError) -> Decision:
        due_at = self.now + timedelta(seconds=self.job.adapter.retry.find_delays_seconds[0])
        fields = self._open(due_at=due_at, wanted_at=due_at, lookups=0)
        doubt_until = due_at + LOOKUP_LATE
        return Decision(
            "mark_unconfirmed", fields, error.message, error=error, doubt_until=doubt_until
        )

    def failed(self, error: PlatformError) -> Decision:
        """Try again by policy, or fail: nothing is public."""
        failures = self.job.failures + (0 if isinstance(error, WAITING) else 1)
        at = self.job.adapter.retry.next_try(
            error,
            failures=failures,
            begun_at=self.job.begun_at,
            now=self.now,
            spread=self.spread(),
        )
        fields = self._open(failures=failures, error=error.message, error_code=error.code)
        known = (fields, error.message, error.code, error)
        if at is None:
            return Decision("fail", *known, account_is_unauthorized=_is_authorization_gone(error))
        fields |= {"due_at": at, "next_retry_at": at, "wanted_at": at}
        hold = at if isinstance(error, RateLimited) else None
        move = "retry_soon" if at - self.now <= retry.SOON else "retry"
        return Decision(move, *known, hold_account_until=hold)

    def put_back(self, error: PlatformError) -> Decision:
        """Nothing is public, and no try is spent: it waits in its place."""
        fields = self._open(error=error.message, error_code=error.code)
        return Decision("put_back", fields, error.message, outcome=error.code, error=error)

    def looked_up(self, result: Result) -> Decision:
        if self._may_still_arrive and not isinstance(
            result, Published | Processing | PlatformError
        ):
            return self._look_later()
        if isinstance(result, RefusedLater):
            return self.failed(result.error)
        if isinstance(result, Absent) and result.proven:
            message = f"{self.job.adapter.name} did not publish it."
            return self.failed(Unavailable(message, code="not_published"))
        if isinstance(result, PartiallyPublished):
            return self._continue()
        if isinstance(result, Undeterminable):
            return self._may_be_live(result.look_at)
        return self._check_again(result)

    @property
    def _may_still_arrive(self) -> bool:
        settled_at = self.job.settled_at
        return settled_at is not None and self.now < settled_at

    def _look_later(self) -> Decision:
        """Look again once the call has arrived or never will; this lookup proved nothing."""
        fields = {"checkpoint": encryption.seal(self.job.checkpoint), "lookups": self.job.lookups}
        at = self.job.settled_at
        reason = "not seen, but its call may still arrive"
        return Decision("check_again", {**fields, "due_at": at, "wanted_at": at}, reason)

    def _continue(self) -> Decision:
        """Send the next part at once, and count no failure: this one was found to be public.

        If nothing new was found, or it is too late, this counts as a failed try.
        """
        job, now = self.job, self.now
        if now > self._gives_up_at or self.checkpoint == dict(job.checkpoint):
            message = "A part is public; the rest was not sent."
            return self.failed(Unavailable(message, code="not_published"))
        fields = self._open(due_at=now, next_retry_at=now, wanted_at=now, failures=job.failures)
        fields |= {"error": "A part is public; the rest follows.", "error_code": "not_published"}
        return Decision("retry_soon", fields, "a part was found", outcome="unfinished")

    def _check_again(self, result: Result) -> Decision:
        """Look again: it is not seen yet, still processing, or the lookup itself failed."""
        policy, lookups, hold = self.job.adapter.retry, self.job.lookups + 1, None
        seconds, reason = self._pause(result)
        if isinstance(result, Absent) and lookups >= len(policy.find_delays_seconds):
            return self._may_be_live()
        due_at = self.now + timedelta(seconds=seconds)
        if isinstance(result, RateLimited):
            hold = due_at
        # The last lookup is at the very end, unless a rate limit lasts longer.
        if self.now >= self._gives_up_at or (hold and hold > self._gives_up_at):
            return self._may_be_live()
        due_at = min(due_at, self._gives_up_at)
        # Only answers count: a failed lookup does not say that nothing is there.
        counted = lookups if isinstance(result, Absent) else self.job.lookups
        # An account that may not be read may still post: only a refused token rules that out.
        unauthorized = isinstance(result, Unauthorized) and result.code == result.default_code
        return Decision(
            "check_again",
            self._open(due_at=due_at, wanted_at=due_at, lookups=counted),
            reason,
            hold_account_until=hold,
            doubt_until=self._still_in_doubt(result, due_at),
            account_is_unauthorized=unauthorized,
        )

    def _still_in_doubt(self, result: Result, due_at: datetime) -> datetime | None:
        """Return until when the account's other posts wait, if the network did not even answer."""
        if not isinstance(result, Unavailable):
            return None
        return min(due_at + LOOKUP_LATE, (self.job.look_for or self.now) + LONGEST_DOUBT)

    def _pause(self, result: Result) -> tuple[float, str]:
        """Return how many seconds until the next lookup, and why there is one."""
        job, policy = self.job, self.job.adapter.retry
        spent, pauses = self.now - (job.look_for or job.begun_at), policy.find_delays_seconds
        usual = pauses[min(job.lookups + 1, len(pauses) - 1)]
        if isinstance(result, Processing):
            return policy.eased(max(result.after_seconds, pauses[0]), spent), "still processing"
        if not isinstance(result, PlatformError):
            return usual, "not seen yet"
        reason = f"the lookup failed: {result.message}"
        if isinstance(result, RateLimited):
            return policy.limited_seconds(result, spent), reason
        # The network may have asked for a longer pause.
        return policy.eased(max(usual, result.retry_after_seconds or 0), spent), reason

    def _may_be_live(self, look_at: str = "") -> Decision:
        job = self.job
        where = look_at or f"look at {job.credentials.username} on {job.adapter.name}"
        error = OutcomeUnknown(MAY_BE_LIVE.format(look_at=where))
        fields = self._open(failures=job.failures + 1, error=error.message, error_code=error.code)
        return Decision("fail", fields, "cannot tell", outcome=error.code, error=error)

    @property
    def _gives_up_at(self) -> datetime:
        return self.job.begun_at + timedelta(seconds=self.job.adapter.retry.give_up_after_seconds)

    def _open(self, **fields: Any) -> dict[str, Any]:
        """Fields of a destination that is not published, so that its checkpoint is kept."""
        return {"checkpoint": encryption.seal(self.checkpoint), **fields}


def _is_authorization_gone(error: PlatformError) -> bool:
    """Return whether to mark the account. A restricted one keeps its tokens, which still work."""
    return isinstance(error, Unauthorized) and error.code != "account_restricted"
