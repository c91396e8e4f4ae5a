"""Finds tallies that are not the sum of what they count, and lets them be counted anew.

Tallies and counted posts are written in one transaction, so in one snapshot they agree to the last
post, no matter how far the counting is. Only the newest posts are looked at, MOST of them.
"""

from functools import partial

from django.db import transaction

from destinations import public_ids
from destinations.runtime import database
from destinations.state import consistency
from destinations.state.consistency import Check
from posts.features.analytics.counting import EVER, LATE_COMMITS, OF_POST
from posts.features.analytics.models import CountedPost, PostTally, TallyProgress

#: How many counted posts are added up again: some seconds of work.
MOST = 200_000
LOCK = "SELECT pg_advisory_xact_lock(hashtext('posts.features.analytics'))"

#: The first hour of which every counted post is looked at.
SINCE = f"""
    WITH since AS MATERIALIZED (
        SELECT CASE WHEN count(*) < {MOST} THEN '-infinity'::timestamptz
            ELSE date_trunc('hour', min(created_at), 'UTC') + interval '1 hour' END AS hour
        FROM (SELECT created_at FROM posts_countedpost ORDER BY created_at DESC LIMIT {MOST}) newest
    )
"""
OF_HOURS = f"""{SINCE}, counted AS (
        SELECT c.workspace_id, date_trunc('hour', c.created_at, 'UTC') AS hour,
            whole.number AS campaign_number, part, count(*) AS n
        FROM posts_countedpost c, unnest(c.parts) AS part,
            LATERAL (SELECT 0::bigint AS number UNION SELECT c.campaign_number) whole
        WHERE c.created_at >= (SELECT hour FROM since)
        GROUP BY 1, 2, 3, 4
    ), tallied AS (
        SELECT workspace_id, hour, campaign_number, part, count FROM posts_posttally
        WHERE hour >= (SELECT hour FROM since) AND hour <> '{EVER.isoformat()}'
    )
    SELECT DISTINCT workspace_id AS id
    FROM counted FULL JOIN tallied USING (workspace_id, hour, campaign_number, part)
    WHERE coalesce(n, 0) <> coalesce(count, 0)
"""
#: Of campaigns as a whole: the sum of their hours.
OF_CAMPAIGNS = f"""
    SELECT DISTINCT workspace_id AS id FROM (
        SELECT workspace_id FROM posts_posttally WHERE campaign_number <> 0
        GROUP BY workspace_id, campaign_number, part
        HAVING sum(CASE WHEN hour = '{EVER.isoformat()}' THEN count ELSE -count END) <> 0
    ) differing
"""
#: An array's elements: a post's parts come in any order.
IN_ORDER = "ARRAY(SELECT unnest({}) ORDER BY 1)"
# A post that changed since it was counted differs for a while. So may one that was taken out of a
# deleted campaign: readers know that such a campaign has none.
OF_POSTS = f"""{SINCE}
    SELECT p.id FROM posts_countedpost c JOIN posts_post p ON p.id = c.post_id
    WHERE c.created_at >= (SELECT hour FROM since)
        AND c.seen_at = p.updated_at AND NOT c.may_change_unseen
        AND (c.created_at <> p.created_at
            OR {IN_ORDER.format("c.parts")} <> {IN_ORDER.format(OF_POST)}
            OR c.campaign_number <> coalesce(p.campaign_id, 0) AND (
                p.campaign_id IS NOT NULL OR EXISTS (
                    SELECT FROM posts_campaign g
                    WHERE g.id = c.campaign_number AND g.deleted_at IS NULL)))
"""
UNCOUNTED = f"""{SINCE}
    SELECT p.id FROM posts_post p JOIN posts_tallyprogress g ON g.workspace_id = p.workspace_id
    WHERE p.created_at >= (SELECT hour FROM since)
        AND p.updated_at < g.upto - interval '{LATE_COMMITS.total_seconds():.0f} seconds'
        AND NOT EXISTS (SELECT FROM posts_countedpost c WHERE c.post_id = p.id)
"""


def _count_anew(sql: str) -> int:
    """Forget what was counted of these workspaces; the periodic task then counts all of it."""
    wrong = consistency.ids(sql)
    with transaction.atomic():
        database.execute(LOCK)
        for model in (PostTally, CountedPost, TallyProgress):
            model.objects.filter(workspace__in=wrong).delete()
    return len(wrong)


def _workspaces_of(sql: str) -> str:
    return f"SELECT DISTINCT workspace_id AS id FROM posts_post WHERE id IN ({sql})"


CHECKS = (
    Check(
        "tallies_differ",
        "A workspace's tallies are not the sum of its counted posts.",
        OF_HOURS,
        partial(_count_anew, OF_HOURS),
        "",
    ),
    Check(
        "tallies_of_campaigns_differ",
        "Tallies of a workspace's campaigns are not the sum of their hours.",
        OF_CAMPAIGNS,
        partial(_count_anew, OF_CAMPAIGNS),
        "",
    ),
    Check(
        "post_counted_wrongly",
        "A post is counted as something that it is not.",
        OF_POSTS,
        partial(_count_anew, _workspaces_of(OF_POSTS)),
        public_ids.POST,
    ),
    Check(
        "post_not_counted",
        "A post was left out when the tallies were written.",
        UNCOUNTED,
        partial(_count_anew, _workspaces_of(UNCOUNTED)),
        public_ids.POST,
    ),
)
