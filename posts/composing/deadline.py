"""Decide how late a scheduled post may still be published, by its workspace's rule."""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from posts.models import Post, Workspace

#: The latest time that can be read back. A stored time may be that late already.
LAST = datetime.max.replace(tzinfo=UTC)
#: A new rule applies to destinations that are queued and were never started. A manual retry has
#: another `wanted_at` and is published however late it is.
APPLY = """
    WITH scheduled AS (
        SELECT d.id, p.scheduled_for
        FROM destinations_destination d JOIN posts_post p ON p.id = d.post_id
        WHERE p.workspace_id = %(workspace)s AND p.status = 'scheduled'
          AND d.status = 'queued' AND d.attempts = 0 AND d.wanted_at = p.scheduled_for
        ORDER BY d.id FOR UPDATE OF d
    )
    UPDATE destinations_destination d
    SET not_after = CASE WHEN %(minutes)s IS NOT NULL THEN
        LEAST(scheduled.scheduled_for + %(minutes)s * interval '1 minute', %(last)s) END
    FROM scheduled WHERE scheduled.id = d.id
"""


def not_after(post: Post) -> datetime | None:
    """Return the time after which the post is no longer started automatically; None: no limit."""
    if post.scheduled_for is None or post.status == Post.Status.DRAFT:
        return None
    minutes = post.workspace.missed_after_minutes
    if minutes is None:
        return None
    return post.scheduled_for + min(timedelta(minutes=minutes), LAST - post.scheduled_for)


@transaction.atomic
def apply(workspace: Workspace) -> int:
    """Apply the workspace's rule to its scheduled destinations; returns how many there are."""
    values = {"workspace": workspace.pk, "minutes": workspace.missed_after_minutes, "last": LAST}
    with connection.cursor() as cursor:
        cursor.execute(APPLY, values)
        return int(cursor.rowcount)
