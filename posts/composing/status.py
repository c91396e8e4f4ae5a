"""Derives a post's status from its destinations."""

import uuid
from collections.abc import Collection

from destinations.models import Destination
from destinations.runtime import database
from destinations.state.transitions import IS_OPEN, RollUp
from posts.models import Post
from posts.outbox import outbox, transition_events

D = Destination.Status
P = Post.Status


def derived(is_due: str) -> str:
    """Return SQL for the status of a post that is not a draft, from its destinations `d`.

    `is_due` is SQL for whether the post's time has come. A post without destinations is published.
    """
    return f"""CASE
        WHEN bool_or(d.status IN ('{D.PUBLISHING}', '{D.UNCONFIRMED}')) THEN '{P.PUBLISHING}'
        WHEN bool_or(d.status = '{D.QUEUED}') AND ({is_due} OR bool_or(d.status <> '{D.QUEUED}'))
            THEN '{P.PUBLISHING}'
        WHEN bool_or(d.status = '{D.QUEUED}') THEN '{P.SCHEDULED}'
        WHEN bool_or(d.status = '{D.FAILED}') AND bool_or(d.status = '{D.PUBLISHED}')
            THEN '{P.PARTIAL}'
        WHEN bool_or(d.status = '{D.FAILED}') THEN '{P.FAILED}'
        ELSE '{P.PUBLISHED}' END"""


# An array, so that PostgreSQL looks the posts up by id instead of joining whole tables.
#: Locks the posts of `moved`.
LOCK_MOVED = """
    SELECT 1 FROM posts_post WHERE id = ANY(ARRAY(SELECT post_id FROM moved)) ORDER BY id FOR UPDATE
"""
# Locked even if nothing changes: otherwise another worker's count, which does not see the start
# yet, could be committed afterwards.
PUBLISHING = f"""
    WITH locked AS MATERIALIZED (
        SELECT id, status FROM posts_post WHERE id = ANY(ARRAY(SELECT post_id FROM moved))
        ORDER BY id FOR UPDATE
    )
    UPDATE posts_post SET status = '{P.PUBLISHING}', updated_at = statement_timestamp()
    FROM locked
    WHERE posts_post.id = locked.id AND locked.status NOT IN ('{P.PUBLISHING}', '{P.DRAFT}')
    RETURNING 1
"""
LOCK = "SELECT 1 FROM posts_post WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE"
# A post has settled once nothing more happens to it by itself: by a move of a destination that was
# open, or because a person's word changed the result.
COUNT = f"""
WITH counted AS MATERIALIZED (
    SELECT p.id, p.workspace_id, p.status AS earlier,
        {derived("COALESCE(p.scheduled_for <= statement_timestamp(), true)")} AS status,
        min(d.published_at) AS published_at, bool_or({IS_OPEN}) AS is_open
    FROM posts_post p LEFT JOIN destinations_destination d ON d.post_id = p.id
    WHERE p.id = ANY(%(ids)s) AND p.status <> '{P.DRAFT}' GROUP BY p.id
), settled AS (
    SELECT id, workspace_id FROM counted
    WHERE status = '{P.PARTIAL}' AND NOT is_open
        AND (earlier <> '{P.PARTIAL}' OR id = ANY(%(opened)s))
), told AS ({transition_events.PARTIALLY_FAILED})
UPDATE posts_post SET status = counted.status, published_at = counted.published_at,
    updated_at = statement_timestamp()
FROM counted WHERE posts_post.id = counted.id
RETURNING (SELECT count(*) FROM told)
"""


def count(post_ids: Collection[uuid.UUID], opened: Collection[uuid.UUID] = ()) -> None:
    """Derive and store the status of these posts, which the caller's transaction has locked.

    `opened`: those of which something was open before; what becomes of them is told.
    """
    rows = database.execute_prepared(COUNT, {"ids": list(post_ids), "opened": list(opened)})
    if any(told for (told,) in rows):
        outbox.wake_after_commit()


def roll_up(post_ids: Collection[uuid.UUID], opened: Collection[uuid.UUID] = ()) -> None:
    """Lock these posts, derive and store their status. Runs inside the caller's transaction.

    Two statements: the second must count what was committed while the first waited for the lock,
    and a statement does not see what is committed after it started.
    """
    database.execute_prepared(LOCK, {"ids": list(post_ids)})
    count(post_ids, opened)


#: How posts follow the moves of their destinations.
ROLL_UP = RollUp(PUBLISHING, LOCK_MOVED, count=count, lock_and_count=roll_up)
