"""Read and add up the networks' numbers of published posts.

Publishing pays nothing for it: what became public is found afterwards, in the events. A network
that gives no number contributes nothing, and no number is made up: absent is not zero.
"""

from typing import Any

from platforms.registry import ADAPTERS
from posts import rate_windows
from posts.features import PeriodicTask

PERIODIC = {
    "Read engagement": PeriodicTask(
        "posts.read_engagement",
        15,
        "Reads from the networks how often posts were seen, liked and so on.",
        queue="refresh",
        runs=("posts.features.engagement.collect.tick",),
        when="EXISTS (SELECT FROM posts_accountengagement WHERE due_at <= statement_timestamp())"
        " OR EXISTS (SELECT FROM posts_engagementtally WHERE NOT is_whole)"
        " OR (SELECT max(id) FROM destinations_event) > "
        "coalesce((SELECT max(event_id) FROM posts_engagementprogress), 0)",
    ),
}
GROWING = ("posts_engagementreading",)


def read_settings(env: Any) -> dict[str, Any]:
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
