"""When a failed try is repeated: (policy, error, history) → a time, or never. Pure."""

from datetime import datetime, timedelta

from platforms.errors import MediaHostAway, PlatformError, RateLimited, Unavailable
from platforms.retry import RetryPolicy

#: A pause so short belongs to the try: a destination is not called failed in between.
SOON = timedelta(minutes=1)


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

    `failures` counts the failures of this budget, this one included unless it was waiting;
    `begun_at` is when the budget's first try began; `spread` in [0, 1) places the try within its
    jitter.
    """
    if isinstance(error, RateLimited):
        seconds = limited_seconds(policy, error, now - begun_at)
    elif isinstance(error, MediaHostAway):
        seconds = policy.host_away_seconds
    elif isinstance(error, Unavailable) and failures <= len(policy.delays_seconds):
        # The network's own word to come back later counts here too.
        seconds = max(policy.delays_seconds[failures - 1], error.retry_after_seconds or 0)
        seconds = min(seconds, policy.give_up_after_seconds)
    else:
        return None
    at = now + timedelta(seconds=seconds * (1 + policy.jitter * spread))
    return at if at <= begun_at + timedelta(seconds=policy.give_up_after_seconds) else None


def limited_seconds(policy: RetryPolicy, limit: RateLimited, spent: timedelta) -> float:
    """How long a rate limit is waited for: the network's own time, up to a cap.

    Nothing is counted, so that a network that says "in a second" for hours is asked less and less.
    """
    asked = limit.retry_after_seconds or policy.rate_limit_default_seconds
    return policy.eased(min(asked, policy.rate_limit_cap_seconds), spent)
