"""Finds what has become public since the last time, in the events of destinations."""

import time
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from destinations.runtime import clock
from destinations.statistics import watermark
from posts.features.engagement import reading_schedule
from posts.features.engagement.models import EngagementProgress

#: How many ids one transaction covers, and for how long a run goes on.
STEP, RUN_SECONDS = 20_000, 5.0
#: The number of our PostgreSQL advisory lock.
_DISCOVERING = 4_118_310
MOVES = ("succeed", "confirm_published", "confirm_late")
FOUND = """
    WITH found AS (
        SELECT DISTINCT d.id, d.account_id, d.account_number, d.workspace_id, d.platform,
            d.platform_post_id, d.published_at, p.created_at
        FROM destinations_event e
        CROSS JOIN LATERAL (
            SELECT * FROM destinations_destination
            WHERE id = e.destination_id AND status = 'published' OFFSET 0
        ) d
        CROSS JOIN LATERAL (
            SELECT created_at FROM posts_post WHERE id = d.post_id OFFSET 0
        ) p
        WHERE e.id > %(after)s AND e.id <= %(upto)s AND e.move = ANY(%(moves)s)
            AND d.platform = ANY(%(platforms)s) AND d.platform_post_id <> ''
            AND d.account_id IS NOT NULL AND d.published_at > %(oldest)s
    ), noted AS (
        INSERT INTO posts_engagement (destination_id, account_number, workspace_id, platform,
            platform_post_id, post_created_at, published_at, due_at)
        SELECT id, account_number, workspace_id, platform, platform_post_id, created_at,
            published_at, published_at + %(first)s
        FROM found ORDER BY id ON CONFLICT DO NOTHING
    )
    INSERT INTO posts_accountengagement AS known (account_id, due_at, problem)
    -- In one order, as visits lock them: no two wait for each other.
    SELECT account_id, min(published_at + %(first)s), '' FROM found GROUP BY account_id
    ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE
        SET due_at = greatest(least(known.due_at, excluded.due_at), known.not_before)
        WHERE known.claim IS NULL
"""


def run() -> None:
    """Note what is to be read. Goes on where the last run stopped, for a few seconds."""
    newest = watermark.newest_event()
    until = time.monotonic() + RUN_SECONDS
    while newest is not None and _step(newest) and time.monotonic() < until:
        pass


@transaction.atomic
def _step(newest: int) -> bool:
    """Look through the next events; False if there are none, or another process does it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_DISCOVERING])
        if cursor.fetchone() != (True,):
            return False
        progress, _ = EngagementProgress.objects.get_or_create(pk=1)
        upto = min(newest, progress.event_id + STEP)
        if upto <= progress.event_id:
            return False
        values: dict[str, Any] = {
            "after": progress.event_id,
            "upto": upto,
            "moves": list(MOVES),
            "platforms": list(settings.ENGAGEMENT_PLATFORMS),
            "oldest": reading_schedule.oldest(clock.now()),
            "first": reading_schedule.steps()[0],
        }
        cursor.execute(FOUND, values)
    EngagementProgress.objects.filter(pk=1).update(event_id=upto)
    return True
