"""How late a scheduled post may still go out: its workspace says so, each destination knows it."""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from posts.models import Post, Workspace

#: The last moment that can be read back. A time that is stored may be as late as that already.
LAST = datetime.max.replace(tzinfo=UTC)
#: What is queued and was never begun learns of a new rule. What a person has retried has another
#: `wanted_at`, and goes out however late it is.
TELL = """
    WITH told AS (
        SELECT d.id, p.scheduled_for
        FROM destinations_destination d JOIN posts_post p ON p.id = d.post_id
        WHERE p.workspace_id = %(workspace)s AND p.status = 'scheduled'
          AND d.status = 'queued' AND d.attempts = 0 AND d.wanted_at = p.scheduled_for
        ORDER BY d.id FOR UPDATE OF d
    )
    UPDATE destinations_destination d
    SET not_after = CASE WHEN %(minutes)s IS NOT NULL THEN
        LEAST(told.scheduled_for + %(minutes)s * interval '1 minute', %(last)s) END
    FROM told WHERE told.id = d.id
"""


def not_after(post: Post) -> datetime | None:
    """When it is too late to begin the post by itself; None: never."""
    if post.scheduled_for is None or post.status == Post.Status.DRAFT:
        return None
    minutes = post.workspace.missed_after_minutes
    if minutes is None:
        return None
    return post.scheduled_for + min(timedelta(minutes=minutes), LAST - post.scheduled_for)


@transaction.atomic
def tell(workspace: Workspace) -> int:
    """Make the workspace's rule that of its scheduled destinations; of how many."""
    values = {"workspace": workspace.pk, "minutes": workspace.missed_after_minutes, "last": LAST}
    with connection.cursor() as cursor:
        cursor.execute(TELL, values)
        return int(cursor.rowcount)
