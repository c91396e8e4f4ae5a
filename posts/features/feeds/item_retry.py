"""Decide which refusals of an item's post may pass, and when it is tried again."""

from datetime import timedelta

from posts.composing import lock
from posts.errors import Code, RequestRefused

#: They say nothing of the post itself: time, the customer or the operator can end each of them.
PASSING: frozenset[Code] = frozenset(
    {
        # An account was disconnected: the feed can be given others.
        "invalid_accounts",
        "queue_full",
        "storage_quota_exceeded",
        "rate_limit_exceeded",
        "request_timeout",
        "internal_error",
        "service_unavailable",
        "storage_full",
    }
)
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=6)
#: An item is old news by then.
GIVE_UP = timedelta(days=2)


def may_pass(refused: RequestRefused) -> bool:
    """Return whether the same post may be accepted later."""
    is_busy = refused.message == lock.BUSY
    return refused.code in PASSING or refused.retry_after_seconds is not None or is_busy


def pause(age: timedelta) -> timedelta:
    """Return how long an item of this age waits for its next try: half its age, so ever longer."""
    return min(max(age / 2, SOONEST), LATEST)
