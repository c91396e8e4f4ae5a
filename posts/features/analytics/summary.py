"""The summary that GET /analytics/summary answers; `engagement` reads and stores its numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from destinations import access
from destinations.access import Reach
from destinations.runtime import database
from platforms.metrics import NAMES
from platforms.registry import ADAPTERS
from posts.features.analytics import tallies
from posts.features.analytics.tallies import TallyWindow
from posts.models import Post
from posts.read_models import listing

#: The states of destinations that are told one by one.
TOLD = ("scheduled", "published", "failed")
SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in NAMES)
COLUMNS = ", ".join(NAMES)
BETWEEN = f"""
    SELECT platform, {COLUMNS} FROM posts_engagement
    WHERE workspace_id = %(workspace)s AND read_at IS NOT NULL
        AND post_created_at >= %({{since}})s AND post_created_at < %({{upto}})s
"""
#: The tallies of whole hours, and the destinations of the hours that the window cuts.
WHOLE = f"""
    SELECT platform, {SUMS} FROM (
        SELECT platform, {COLUMNS} FROM posts_engagementtally
        WHERE workspace_id = %(workspace)s AND hour >= %(first)s AND hour < %(last)s
        UNION ALL ({BETWEEN.format(since="start", upto="head")})
        UNION ALL ({BETWEEN.format(since="tail", upto="end")})
    ) found GROUP BY platform
"""
ONE_BY_ONE = f"""
    SELECT e.platform, {SUMS} FROM posts_post p
    JOIN destinations_destination d ON d.post_id = p.id
    JOIN posts_engagement e ON e.destination_id = d.id
    WHERE {{which}} AND e.read_at IS NOT NULL GROUP BY e.platform
"""
FOLLOWERS = """
    SELECT a.id, a.platform, latest.followers, latest.followers - first.followers
    FROM destinations_account a
    CROSS JOIN LATERAL (
        SELECT id, followers FROM posts_followersreading
        WHERE account_id = a.id AND at < %(end)s ORDER BY at DESC LIMIT 1
    ) latest
    LEFT JOIN LATERAL (
        SELECT followers FROM posts_followersreading
        WHERE account_id = a.id AND at >= %(start)s AND id <> latest.id ORDER BY at LIMIT 1
    ) first ON true
    WHERE a.workspace_id = %(workspace)s AND (%(only)s::bigint[] IS NULL OR a.id = ANY(%(only)s))
    ORDER BY a.id LIMIT %(most)s
"""
#: Of short links that were made in the window, which is when their posts were.
SHORT_LINK_CLICKS = """
    SELECT coalesce(sum(c.clicks), 0)::bigint FROM posts_shortlink l
    JOIN posts_linkclicks c ON c.link_id = l.code
    WHERE l.workspace_id = %(workspace)s AND l.created_at >= %(start)s AND l.created_at < %(end)s
        AND (%(only)s::bigint[] IS NULL OR l.account_number = ANY(%(only)s))
        AND (%(campaign)s::bigint IS NULL OR EXISTS (
            SELECT 1 FROM posts_post p WHERE p.id = l.post_id AND p.campaign_id = %(campaign)s
        ))
"""
#: A summary tells of the first so many accounts.
MOST_ACCOUNTS = 500


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
    """Return the summary of what is within reach; nothing for an unknown campaign.

    The window is `tallies.bounded`.
    """
    is_known = campaign_id is None or listing.is_campaign(reach, campaign_id)
    parts = tallies.in_window(reach, window, campaign_id) if is_known else {}
    numbers = _metrics(reach, window, campaign_id)
    return Summary(
        posts=_posts(parts),
        by_platform=_by_platform(reach, parts),
        metrics=numbers.sums,
        metrics_available=numbers.platforms,
        accounts=_followers(reach, window),
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


@dataclass(frozen=True, slots=True)
class MetricSums:
    """Sums of the latest readings, and the platforms that gave any."""

    sums: dict[str, int]
    platforms: list[str]


def _metrics(reach: Reach, window: TallyWindow, campaign_id: int | None) -> MetricSums:
    """Return the readings of posts within reach and window. Reads no network."""
    found = _whole(reach, window) if reach.only is None and campaign_id is None else None
    if found is None:
        found = _one_by_one(reach, window, campaign_id)
    sums = dict.fromkeys(NAMES, 0)
    for _, *numbers in found:
        for name, number in zip(NAMES, numbers, strict=True):
            sums[name] += number
    sums["clicks"] += _short_link_clicks(reach, window, campaign_id)
    there = {platform for platform, *_ in found}
    return MetricSums(sums, [platform for platform in ADAPTERS if platform in there])


def _followers(reach: Reach, window: TallyWindow) -> list[dict[str, Any]]:
    """Return the followers of each account that was asked, and their change in the window.

    `change_in_period` is None until there were two readings.
    """
    bounds = window.bounds()
    values = {
        "workspace": reach.workspace_id,
        "only": None if reach.only is None else list(reach.only),
        "start": bounds["start"],
        "end": bounds["end"],
        "most": MOST_ACCOUNTS,
    }
    names = ("account_id", "platform", "followers", "change_in_period")
    return [dict(zip(names, row, strict=True)) for row in database.execute(FOLLOWERS, values)]


def _short_link_clicks(reach: Reach, window: TallyWindow, campaign_id: int | None) -> int:
    bounds = window.bounds()
    values = {
        "workspace": reach.workspace_id,
        "start": bounds["start"],
        "end": bounds["end"],
        "only": None if reach.only is None else list(reach.only),
        "campaign": campaign_id,
    }
    return int(database.execute(SHORT_LINK_CLICKS, values)[0][0])


def _whole(reach: Reach, window: TallyWindow) -> list[tuple[Any, ...]]:
    return database.execute(WHOLE, window.bounds() | {"workspace": reach.workspace_id})


def _one_by_one(
    reach: Reach, window: TallyWindow, campaign_id: int | None
) -> list[tuple[Any, ...]]:
    which = tallies.seen_in(reach, window, campaign_id)
    return database.execute(ONE_BY_ONE.format(which=which.sql), which.parameters)
