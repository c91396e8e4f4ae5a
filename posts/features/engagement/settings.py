"""Settings of what is read from the networks after publishing."""

from typing import Any

from platforms.registry import ADAPTERS
from posts import rate_windows


def read(env: Any) -> dict[str, Any]:
    """Return the networks to read, at which ages of a post in seconds, and how often.

    By default those networks that take no money for it. The calls of an account are evenly spread.
    """
    free = ",".join(key for key, adapter in ADAPTERS.items() if adapter.is_free_to_read)
    ages = "1h,6h,24h,3day,7day,30day"
    return {
        "ENGAGEMENT_PLATFORMS": env.words("ENGAGEMENT_PLATFORMS", free),
        "ENGAGEMENT_AFTER": env.parsed("ENGAGEMENT_AFTER", ages, rate_windows.lengths),
        "ENGAGEMENT_CALLS_PER_HOUR": env.number("ENGAGEMENT_CALLS_PER_HOUR", 20),
    }
