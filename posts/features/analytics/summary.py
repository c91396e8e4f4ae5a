"""The summary that GET /analytics/summary answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from destinations import access
from destinations.access import Reach
from platforms.registry import ADAPTERS
from posts.features.analytics import metrics, tallies
from posts.features.analytics.tallies import TallyWindow
from posts.models import Post
from posts.read_models import listing

#: The states of destinations that are told one by one.
TOLD = ("scheduled", "published", "failed")


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of the posts created in a window, by what they are now."""

    posts: dict[str, int]
    by_platform: list[dict[str, Any]]
    metrics: dict[str, int]
    metrics_available: list[str]
    accounts: list[dict[str, Any]]


def word(status: Post.Status) -> str:
    """Return how a post's status is called here, on both mounts."""
    return "partially_failed" if status == Post.Status.PARTIAL else str(status)


def of(reach: Reach, window: TallyWindow, campaign_id: int | None = None) -> Summary:
    """Return the summary of what is within reach; nothing for an unknown campaign."""
    is_known = campaign_id is None or listing.is_campaign(reach, campaign_id)
    parts = tallies.in_window(reach, window, campaign_id) if is_known else {}
    read = metrics.of(reach, window, campaign_id)
    return Summary(
        posts=_posts(parts),
        by_platform=_by_platform(reach, parts),
        metrics=read.sums,
        metrics_available=read.platforms,
        accounts=metrics.followers(reach, window),
    )


def _posts(parts: Mapping[str, int]) -> dict[str, int]:
    counts = {word(each): parts.get(f"/{each}", 0) for each in Post.Status}
    return {"total": sum(counts.values()), **counts}


def _by_platform(reach: Reach, parts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Connected platforms, and those of destinations whose account is gone."""
    connected = access.accounts(reach).order_by().values_list("platform", flat=True).distinct()
    there = {*connected, *(part.partition("/")[0] for part in parts)}
    return [
        {
            "platform": platform,
            "total": sum(n for part, n in parts.items() if part.startswith(f"{platform}/")),
            **{state: parts.get(f"{platform}/{state}", 0) for state in TOLD},
        }
        for platform in ADAPTERS
        if platform in there
    ]
