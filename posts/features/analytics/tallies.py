"""Reads how many posts and destinations of a window are in which state, exactly.

For a caller that sees the whole workspace: the tallies of whole hours, the counted posts of the
hours that the window cuts, and what has changed since both were written (`counting`). For a caller
that sees some accounts only: the posts that it sees, one by one, of a bounded window.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from destinations.access import Reach
from destinations.runtime import clock, database
from posts.errors import try_again
from posts.features.analytics.counting import BEGINNING, EVER, LATE_COMMITS, OF_POST
from posts.features.analytics.models import TallyProgress
from posts.read_models import Condition, listing, within

HOUR = timedelta(hours=1)
#: How many posts that were never counted a request looks at: a second or two of work.
MOST_UNCOUNTED = 50_000
UNCOUNTED = """
    SELECT count(*) FROM (
        SELECT FROM posts_post WHERE workspace_id = %s AND updated_at >= %s LIMIT %s
    ) uncounted
"""
BEHIND = (
    "The posts of this workspace are still being counted for the first time. If this lasts, the "
    "installation's operator must enable the periodic task Count posts."
)
#: Later than any post was made.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TallyWindow:
    """A span of creation times: from `start` (null: ever) until before `end`."""

    start: datetime | None
    end: datetime

    def bounds(self) -> dict[str, datetime]:
        """`first` to `last` are the whole hours; `start` to `head`, and `tail` to `end`, the rest.

        No post was made in the future, so what is later than now is cut off.
        """
        latest = clock.now() + HOUR
        start = min(max(self.start or BEGINNING, BEGINNING), latest)
        end = max(min(self.end, latest), start)
        first, last = _hour(start + HOUR - datetime.resolution), _hour(end)
        is_within_one = last < first
        return {
            "start": start,
            "end": end,
            "first": first,
            "last": max(first, last),
            "head": end if is_within_one else first,
            "tail": end if is_within_one else last,
        }


#: All posts of campaigns, which have a tally in all.
ALL = {
    "start": BEGINNING,
    "end": NEVER,
    "first": EVER,
    "last": EVER + HOUR,
    "head": BEGINNING,
    "tail": NEVER,
}

# With the statuses of now, of posts whose counted parts are old; see `counting`.
TOUCHED = """
    SELECT p.id, p.created_at, p.status, coalesce(p.campaign_id, 0) AS campaign_number
    FROM posts_post p
    WHERE p.workspace_id = %(workspace)s AND p.updated_at >= %(since)s
        AND p.updated_at IS DISTINCT FROM (
            SELECT seen_at FROM posts_countedpost c WHERE c.post_id = p.id
        )
    UNION
    SELECT p.id, p.created_at, p.status, coalesce(p.campaign_id, 0)
    FROM posts_post p WHERE p.id = ANY (ARRAY(
        SELECT post_id FROM posts_countedpost
        WHERE workspace_id = %(workspace)s AND may_change_unseen
    ))
"""
COUNTED_BETWEEN = """
    SELECT campaign_number, unnest(parts) AS part, n FROM (
        SELECT campaign_number, parts, count(*) AS n FROM posts_countedpost
        WHERE workspace_id = %(workspace)s AND created_at >= %({since})s AND created_at < %({upto})s
            AND {campaigns}
        GROUP BY campaign_number, parts
    ) counted
"""
PARTS = f"""
    WITH touched AS MATERIALIZED ({TOUCHED}), outdated AS MATERIALIZED (
        SELECT id FROM touched
        UNION ALL SELECT post_id FROM posts_deletedpost WHERE workspace_id = %(workspace)s
    ), parts AS (
        SELECT campaign_number, part, count AS n FROM posts_posttally
        WHERE workspace_id = %(workspace)s AND hour >= %(first)s AND hour < %(last)s
            AND {{tallies}}
        UNION ALL ({COUNTED_BETWEEN.format(since="start", upto="head", campaigns="{campaigns}")})
        UNION ALL ({COUNTED_BETWEEN.format(since="tail", upto="end", campaigns="{campaigns}")})
        UNION ALL
        SELECT campaign_number, unnest(parts), -1 FROM posts_countedpost
        WHERE post_id = ANY (ARRAY(SELECT id FROM outdated))
            AND created_at >= %(start)s AND created_at < %(end)s AND {{campaigns}}
        UNION ALL
        SELECT campaign_number, unnest({OF_POST}), 1 FROM touched p
        WHERE created_at >= %(start)s AND created_at < %(end)s AND {{campaigns}}
    )
"""
WHOLE = PARTS.format(tallies="campaign_number = 0", campaigns="true")
OF_ONE, OF_SOME = (
    PARTS.format(tallies=which, campaigns=which)
    for which in ("campaign_number = %(campaign)s", "campaign_number = ANY (%(campaigns)s)")
)
BY_PART = " SELECT part, sum(n)::bigint FROM parts GROUP BY part"
BY_CAMPAIGN = (
    " SELECT campaign_number, sum(n)::bigint FROM parts WHERE starts_with(part, '/')"
    " GROUP BY campaign_number"
)
#: So many posts of a window are looked at for a caller that sees some accounts: 0.35 s.
MOST_LOOKED_AT = 35_000
#: When the newest post was made that is too many.
TOO_OLD = """
    SELECT created_at FROM posts_post p WHERE workspace_id = %s AND {which}
    ORDER BY created_at DESC OFFSET %s LIMIT 1
"""
ONE_BY_ONE = f"""
    SELECT part, count(*) FROM (
        SELECT unnest({OF_POST}) AS part FROM posts_post p WHERE {{which}}
    ) seen GROUP BY part
"""


def bounded(reach: Reach, window: TallyWindow, campaign_id: int | None = None) -> TallyWindow:
    """Return the window, or a later beginning of it if it has too many posts to look at each.

    Only for a reach of some accounts that have many posts.
    """
    if reach.only is None or listing.few_seen(reach) is not None:
        return window
    made = made_in(window, campaign_id)
    parameters = (reach.workspace_id, *made.parameters, MOST_LOOKED_AT)
    found = database.execute(TOO_OLD.format(which=made.sql), parameters)
    if not found:
        return window
    # Times are shown to the second.
    return replace(window, start=found[0][0].replace(microsecond=0) + timedelta(seconds=1))


def made_in(window: TallyWindow, campaign_id: int | None) -> Condition:
    """Return SQL for the posts `p` of a window, of one campaign if it is given."""
    bounds = window.bounds()
    sql, parameters = "p.created_at >= %s AND p.created_at < %s", (bounds["start"], bounds["end"])
    if campaign_id is None:
        return Condition(sql, parameters)
    return Condition(f"{sql} AND p.campaign_id = %s", (*parameters, campaign_id))


def seen_in(reach: Reach, window: TallyWindow, campaign_id: int | None) -> Condition:
    """Return SQL for those of `made_in` that are within reach."""
    seen, made = listing.few_seen(reach) or within(reach), made_in(window, campaign_id)
    return Condition(f"{seen.sql} AND {made.sql}", (*seen.parameters, *made.parameters))


def in_window(reach: Reach, window: TallyWindow, campaign_id: int | None = None) -> dict[str, int]:
    """Return how many of each part (`parts`) the posts within reach have.

    With a campaign, which must exist: only its posts. The window is `bounded`. Raises
    RequestRefused while it is behind.
    """
    if reach.only is not None:
        return _one_by_one(reach, window, campaign_id)
    if is_behind(reach):
        raise try_again(BEHIND, seconds=60)
    values = {**window.bounds(), "campaign": campaign_id}
    sql = WHOLE if campaign_id is None else OF_ONE
    return _read(reach, sql + BY_PART, values)


def of_campaigns(reach: Reach, ids: Collection[int]) -> dict[int, int]:
    """Return how many posts are in each of these campaigns, for a reach of the whole workspace."""
    return _read(reach, OF_SOME + BY_CAMPAIGN, {**ALL, "campaigns": list(ids)})


def is_behind(reach: Reach) -> bool:
    """Return whether more posts were never counted than one request should look at."""
    progress = TallyProgress.objects.filter(pk=reach.workspace_id).first()
    upto = progress.upto if progress else BEGINNING
    if upto > clock.now() - LATE_COMMITS:
        return False
    ((count,),) = database.execute(UNCOUNTED, (reach.workspace_id, upto, MOST_UNCOUNTED + 1))
    return bool(count > MOST_UNCOUNTED)


def _read(reach: Reach, sql: str, values: dict[str, Any]) -> dict[Any, int]:
    # The progress is read first, so that the planner knows how little there is since then. If it
    # grows meanwhile, some posts are looked at needlessly.
    progress = TallyProgress.objects.filter(pk=reach.workspace_id).first()
    since = progress.upto - LATE_COMMITS if progress else BEGINNING
    found = database.execute(sql, values | {"workspace": reach.workspace_id, "since": since})
    return {name: count for name, count in found if count}


def _one_by_one(reach: Reach, window: TallyWindow, campaign_id: int | None) -> dict[str, int]:
    which = seen_in(reach, window, campaign_id)
    return dict(database.execute(ONE_BY_ONE.format(which=which.sql), which.parameters))


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
