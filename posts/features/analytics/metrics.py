"""The networks' numbers of published posts, added up; `engagement` reads and stores them."""

from dataclasses import dataclass
from typing import Any

from destinations.access import Reach
from destinations.runtime import database
from platforms.metrics import NAMES
from platforms.registry import ADAPTERS
from posts.features.analytics.tallies import TallyWindow
from posts.read_models import listing

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
class MetricSums:
    """Sums of the latest readings, and the platforms that gave any."""

    sums: dict[str, int]
    platforms: list[str]


def of(reach: Reach, window: TallyWindow, campaign_id: int | None) -> MetricSums:
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


def followers(reach: Reach, window: TallyWindow) -> list[dict[str, Any]]:
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
    bounds = window.bounds()
    seen = listing.seen(reach)
    which = f"{seen.sql} AND p.created_at >= %s AND p.created_at < %s"
    parameters = (*seen.parameters, bounds["start"], bounds["end"])
    if campaign_id is not None:
        which, parameters = f"{which} AND p.campaign_id = %s", (*parameters, campaign_id)
    return database.execute(ONE_BY_ONE.format(which=which), parameters)
