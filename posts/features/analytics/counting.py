"""Keeps the tallies: sums of what the posts of an hour count for.

A move, an edit or a new post writes nothing here. Each of them sets the post's `updated_at`, so
what changed is found afterwards by the index on it, and counted anew: its old parts are taken from
the tally of its hour, its new ones added. Only a start may leave `updated_at` alone, if the post is
publishing already, and that matters only where a failed destination is tried again: such posts are
marked (`may_change_unseen`), and readers look at them themselves.

A transaction may commit later than the `updated_at` that it writes. So each run, and each reader,
looks back by LATE_COMMITS from where the last run came to; what it has seen already is known by
`CountedPost.seen_at`. A deletion leaves a row of DeletedPost, which a trigger writes.

Tallies, counted posts and progress are written in one transaction, under a lock: a worker that dies
or a second one changes nothing.
"""

import time
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import transaction

from destinations.jobs import isolated
from destinations.runtime import database
from posts.features.analytics.models import TallyProgress

#: How many posts one transaction counts.
STEP = 5_000
#: A run goes on for at most so long; the next one continues.
RUN_SECONDS = 20.0
#: How long after its `updated_at` a change may be committed. Requests and moves take seconds.
LATE_COMMITS = timedelta(minutes=10)
#: The hour of tallies that hold a campaign as a whole.
EVER = datetime(1900, 1, 1, tzinfo=UTC)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
#: Names the advisory lock.
LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('posts.features.analytics'))"

# The newest change of each workspace is looked up in its index.
CHANGED_WORKSPACES = """
    SELECT w.id FROM posts_workspace w LEFT JOIN posts_tallyprogress g ON g.workspace_id = w.id
    WHERE (SELECT max(p.updated_at) FROM posts_post p WHERE p.workspace_id = w.id)
            >= coalesce(g.upto - %s, '-infinity')
       OR EXISTS (SELECT FROM posts_deletedpost d WHERE d.workspace_id = w.id)
"""
#: Adds what `fresh` counts for to the tallies, and takes away what `old` did.
TALLY = """
    INSERT INTO posts_posttally AS kept (workspace_id, hour, campaign_number, part, count)
    SELECT %(workspace)s, whole.hour, whole.number, part, sum(n)
    FROM (
        SELECT created_at, campaign_number, unnest(parts) AS part, 1 AS n FROM fresh
        UNION ALL
        SELECT created_at, campaign_number, unnest(parts), -1 FROM old
    ) changes CROSS JOIN LATERAL (
        SELECT date_trunc('hour', created_at, 'UTC') AS hour, 0::bigint AS number
        UNION ALL
        SELECT date_trunc('hour', created_at, 'UTC'), campaign_number WHERE campaign_number <> 0
        UNION ALL
        SELECT %(ever)s, campaign_number WHERE campaign_number <> 0
    ) whole
    GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
    ON CONFLICT (workspace_id, hour, campaign_number, part)
        DO UPDATE SET count = kept.count + excluded.count
"""
#: What a post counts for, as an array: `/scheduled` for itself, `x/scheduled` for each destination
#: on X. Of the posts `p` of a subquery with id, status. The words after the slash are the post's
#: status, and a destination's `draft`, `scheduled`, `publishing`, `published` or `failed`: `queued`
#: means the first two of these while the post is, and afterwards that its turn has come.
OF_POST = """
    ARRAY['/' || p.status] || ARRAY(
        SELECT d.platform || '/' || CASE
            WHEN p.status = 'draft' THEN 'draft'
            WHEN d.status IN ('published', 'failed') THEN d.status
            WHEN d.status = 'queued' AND p.status = 'scheduled' THEN 'scheduled'
            ELSE 'publishing' END
        FROM destinations_destination d WHERE d.post_id = p.id
    )
"""
COUNT = f"""
    WITH fresh AS MATERIALIZED (
        SELECT p.id, p.created_at, coalesce(p.campaign_id, 0) AS campaign_number, p.updated_at,
            p.status = 'publishing' AS is_publishing, {OF_POST} AS parts
        FROM (
            SELECT * FROM posts_post
            WHERE workspace_id = %(workspace)s AND updated_at >= %(since)s
                AND updated_at IS DISTINCT FROM (
                    SELECT seen_at FROM posts_countedpost c WHERE c.post_id = posts_post.id
                )
            ORDER BY updated_at LIMIT %(step)s
        ) p
    ), old AS MATERIALIZED (
        SELECT created_at, campaign_number, parts FROM posts_countedpost
        WHERE post_id = ANY (ARRAY(SELECT id FROM fresh))
    ), kept AS (
        INSERT INTO posts_countedpost
            (post_id, workspace_id, created_at, campaign_number, parts, seen_at, may_change_unseen)
        SELECT id, %(workspace)s, created_at, campaign_number, parts, updated_at,
            is_publishing AND EXISTS (SELECT FROM unnest(parts) part WHERE part LIKE '%%/failed')
        FROM fresh
        ON CONFLICT (post_id) DO UPDATE SET campaign_number = excluded.campaign_number,
            parts = excluded.parts, seen_at = excluded.seen_at,
            may_change_unseen = excluded.may_change_unseen
    ), tallied AS ({TALLY})
    SELECT count(*), max(updated_at), statement_timestamp() FROM fresh
"""
FORGET = f"""
    WITH gone AS (
        DELETE FROM posts_deletedpost WHERE id = ANY (ARRAY(
            SELECT id FROM posts_deletedpost WHERE workspace_id = %(workspace)s LIMIT %(step)s
        )) RETURNING post_id
    ), old AS (
        DELETE FROM posts_countedpost WHERE post_id = ANY (ARRAY(SELECT post_id FROM gone))
        RETURNING created_at, campaign_number, parts
    ), fresh AS (SELECT * FROM old WHERE false), tallied AS ({TALLY})
    SELECT count(*) FROM gone
"""


def count() -> int:
    """Count what has changed, for a while; how many posts that were."""
    until = time.monotonic() + RUN_SECONDS
    changed = database.execute(CHANGED_WORKSPACES, [LATE_COMMITS])
    workspaces = [pk for (pk,) in changed]
    return isolated.each(partial(_count_workspace, until), workspaces, "count_posts")


def _count_workspace(until: float, workspace_id: uuid.UUID) -> int:
    progress = TallyProgress.objects.filter(pk=workspace_id).first()
    since = progress.upto - LATE_COMMITS if progress else BEGINNING
    counted = 0
    while time.monotonic() < until:
        step = _step(workspace_id, since)
        if step is None:
            break
        found, since = step
        counted += found
        if found < STEP:
            break
    return counted


@transaction.atomic
def _step(workspace_id: uuid.UUID, since: datetime) -> tuple[int, datetime] | None:
    """(how many posts were counted, up to which change); None while another worker counts."""
    values = {"workspace": workspace_id, "step": STEP, "since": since, "ever": EVER}
    if database.execute(LOCK, ()) != [(True,)]:
        return None
    # First, so that a post which is deleted meanwhile is taken away by the next run.
    ((forgotten,),) = database.execute(FORGET, values)
    ((found, newest, now),) = database.execute(COUNT, values)
    upto = newest if found == STEP else now
    TallyProgress.objects.update_or_create(pk=workspace_id, defaults={"upto": upto})
    return max(found, forgotten), upto
