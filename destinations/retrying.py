"""When a failed try is repeated: (policy, error, history) → a time, or never. Pure."""

from datetime import datetime, timedelta

from platforms.base import RetryPolicy
from platforms.errors import PlatformError, RateLimited, Unavailable


def next_try(
    policy: RetryPolicy,
    error: PlatformError,
    *,
    failures: int,
    begun_at: datetime,
    now: datetime,
    spread: float,
) -> datetime | None:
    """The time of the next automatic try, or None when this failure is final.

    `failures` counts the failures of this budget, this one included unless it is a rate limit;
    `begun_at` is when the budget's first try began; `spread` in [0, 1) places the try within its
    jitter.
    """
    if isinstance(error, RateLimited):
        asked = error.retry_after_seconds or policy.rate_limit_default_seconds
        seconds = min(asked, policy.rate_limit_cap_seconds)
    elif isinstance(error, Unavailable) and failures <= len(policy.delays_seconds):
        # The network's own word to come back later counts here too.
        seconds = max(policy.delays_seconds[failures - 1], error.retry_after_seconds or 0)
    else:
        return None
    at = now + timedelta(seconds=seconds * (1 + policy.jitter * spread))
    return at if at <= begun_at + timedelta(seconds=policy.give_up_after_seconds) else None
