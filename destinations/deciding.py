"""What a result means for a destination: (trip, result) → one move. Pure; writing is elsewhere."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from destinations import retrying, vault
from destinations.trips import Trip
from platforms.errors import OutcomeUnknown, PlatformError, RateLimited, Unauthorized, Unavailable
from platforms.outcomes import (
    Absent,
    CannotTell,
    Finding,
    Processing,
    Published,
    Refused,
    Unfinished,
)

Result = Finding | PlatformError

#: What a post that may be public is called when nobody can find out.
MAY_BE_LIVE = "It may be live: {look_at}. It is not sent again unless a person says so."


@dataclass(frozen=True, slots=True)
class Decision:
    """A move with its fields, what closes the attempt, and what the account suffers."""

    move: str
    fields: dict[str, Any]
    reason: str
    #: The attempt's outcome; empty while it stays open.
    outcome: str = ""
    error: PlatformError | None = None
    hold_account_until: datetime | None = None
    account_is_unauthorized: bool = False


def decide(
    trip: Trip,
    result: Result,
    *,
    checkpoint: dict[str, Any],
    now: datetime,
    spread: Callable[[], float] = random.random,
) -> Decision:
    """The one move that follows from a result."""
    if isinstance(result, Published):
        return _published(trip, result, now)
    kept = {"checkpoint": vault.seal(checkpoint)}
    if trip.look_for is not None:
        return _after_look(trip, result, kept, now, spread)
    if isinstance(result, Processing):
        return _processing(trip, result, kept, now)
    if isinstance(result, OutcomeUnknown):
        return _lost(trip, result, kept, now)
    if isinstance(result, PlatformError):
        return _failed(trip, result, kept, now, spread)
    raise TypeError(f"publish answered {result!r}")


def _published(trip: Trip, result: Published, now: datetime) -> Decision:
    fields = {
        "published_at": now,
        "notes": [*trip.notes, *(note for note in result.notes if note not in trip.notes)],
        "platform_post_id": result.id,
        "platform_post_url": result.url,
        "checkpoint": "",
        "error": "",
        "error_code": "",
    }
    return Decision("succeed", fields, "published", outcome="published")


def _processing(trip: Trip, result: Processing, kept: dict[str, Any], now: datetime) -> Decision:
    cap = timedelta(seconds=trip.adapter.retry.processing_cap_seconds)
    if now - trip.started_at > cap:
        error = OutcomeUnknown(f"{trip.adapter.name} did not finish processing in time.")
        return _lost(trip, error, kept, now)
    due_at = now + timedelta(seconds=result.after_seconds)
    return Decision("wait", {**kept, "due_at": due_at, "wanted_at": due_at}, "processing")


def _lost(trip: Trip, error: PlatformError, kept: dict[str, Any], now: datetime) -> Decision:
    due_at = now + timedelta(seconds=trip.adapter.retry.find_delays_seconds[0])
    fields = {**kept, "due_at": due_at, "wanted_at": due_at, "lookups": 0}
    return Decision("lose", fields, error.message, error=error)


def _failed(
    trip: Trip,
    error: PlatformError,
    kept: dict[str, Any],
    now: datetime,
    spread: Callable[[], float],
) -> Decision:
    """Nothing is public: try again by policy, or fail."""
    failures = trip.failures + (0 if isinstance(error, RateLimited) else 1)
    at = retrying.next_try(
        trip.adapter.retry,
        error,
        failures=failures,
        begun_at=trip.begun_at,
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
    return Decision("retry", fields, error.message, error.code, error, hold_account_until=hold)


def _is_authorization_gone(result: Result) -> bool:
    """A restricted account keeps its tokens: its owner acts in the network's own app."""
    return isinstance(result, Unauthorized) and result.code != "account_restricted"


def _after_look(
    trip: Trip,
    result: Result,
    kept: dict[str, Any],
    now: datetime,
    spread: Callable[[], float],
) -> Decision:
    if isinstance(result, Refused):
        return _failed(trip, result.error, kept, now, spread)
    if isinstance(result, Absent) and result.proven:
        error = Unavailable(f"{trip.adapter.name} did not publish it.", code="not_published")
        return _failed(trip, error, kept, now, spread)
    if isinstance(result, Unfinished):
        return _go_on(trip, kept, now)
    if isinstance(result, CannotTell):
        return _may_be_live(trip, kept, result.look_at)
    return _look_again(trip, result, kept, now)


def _go_on(trip: Trip, kept: dict[str, Any], now: datetime) -> Decision:
    """A part was found to be public; the next one is sent at once, and no failure is counted."""
    fields = {**kept, "due_at": now, "next_retry_at": now, "wanted_at": now}
    fields |= {
        "failures": trip.failures,
        "error": "A part is public; the rest follows.",
        "error_code": "not_published",
    }
    return Decision("retry", fields, "a part was found", outcome="unfinished")


def _look_again(trip: Trip, result: Result, kept: dict[str, Any], now: datetime) -> Decision:
    """Not seen yet, still processing, or the look-up itself failed."""
    policy = trip.adapter.retry
    pauses, lookups = policy.find_delays_seconds, trip.lookups + 1
    seconds, hold = pauses[min(lookups, len(pauses) - 1)], None
    if isinstance(result, Processing):
        seconds, reason = max(result.after_seconds, pauses[0]), "still processing"
    elif isinstance(result, PlatformError):
        reason = f"the look-up failed: {result.message}"
        if isinstance(result, RateLimited):
            asked = result.retry_after_seconds or policy.rate_limit_default_seconds
            seconds = min(asked, policy.rate_limit_cap_seconds)
            hold = now + timedelta(seconds=seconds)
    else:
        reason = "not seen yet"
        if lookups >= len(pauses):
            return _may_be_live(trip, kept, "")
    due_at = now + timedelta(seconds=seconds)
    if due_at > trip.begun_at + timedelta(seconds=policy.give_up_after_seconds):
        return _may_be_live(trip, kept, "")
    # Only answers count: a network that cannot be asked has not said that nothing is there.
    seen = lookups if isinstance(result, Absent) else trip.lookups
    fields = {**kept, "due_at": due_at, "wanted_at": due_at, "lookups": seen}
    unauthorized = _is_authorization_gone(result)
    return Decision(
        "look", fields, reason, hold_account_until=hold, account_is_unauthorized=unauthorized
    )


def _may_be_live(trip: Trip, kept: dict[str, Any], look_at: str) -> Decision:
    where = look_at or f"look at {trip.credentials.username} on {trip.adapter.name}"
    error = OutcomeUnknown(MAY_BE_LIVE.format(look_at=where))
    fields = {
        **kept,
        "failures": trip.failures + 1,
        "error": error.message,
        "error_code": error.code,
    }
    return Decision("fail", fields, "cannot tell", outcome=error.code, error=error)
