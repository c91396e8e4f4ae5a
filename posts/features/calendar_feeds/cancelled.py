"""Deleted posts, which calendars are told are cancelled for some days."""

from datetime import timedelta

from django.db.models import QuerySet

from destinations.jobs import forget as forgetting
from destinations.runtime import clock, database
from posts.features.calendar_feeds.models import CalendarFeed, RemovedEvent
from posts.models import Post

DAYS = 30
#: In the transaction of the deletion; a workspace without feeds keeps nothing.
NOTE = """
    INSERT INTO posts_removedevent (id, workspace_id, at, text, status, account_numbers, platforms,
        campaign_number, created_at, removed_at)
    SELECT p.id, p.workspace_id, p.scheduled_for, left(p.content, 200), p.status,
        coalesce(array_agg(d.account_number) FILTER (WHERE d.id IS NOT NULL), '{}'),
        coalesce(array_agg(DISTINCT d.platform) FILTER (WHERE d.id IS NOT NULL), '{}'),
        p.campaign_id, p.created_at, %(now)s
    FROM posts_post p LEFT JOIN destinations_destination d ON d.post_id = p.id
    WHERE p.id = %(post)s
        AND EXISTS (SELECT FROM posts_calendarfeed f WHERE f.workspace_id = p.workspace_id)
    GROUP BY p.id ON CONFLICT DO NOTHING
"""


def note(post: Post) -> None:
    """Remember a post that is about to be deleted, if its workspace has calendars."""
    if post.scheduled_for is None:
        return
    database.execute(NOTE, {"post": post.pk, "now": clock.now()})


def forget() -> int:
    """Delete what is older than DAYS, for a while; returns how many."""
    before = clock.now() - timedelta(days=DAYS)
    return forgetting.forget(RemovedEvent.objects.order_by("removed_at"), "removed_at", before)


def removed_events(feed: CalendarFeed, most: int) -> QuerySet[RemovedEvent]:
    """Return the deleted posts that the feed would show, newest first."""
    since = clock.now() - timedelta(days=DAYS)
    rows = RemovedEvent.objects.filter(workspace=feed.workspace_id, removed_at__gte=since)
    if feed.statuses:
        rows = rows.filter(status__in=feed.statuses)
    if feed.platforms:
        rows = rows.filter(platforms__overlap=feed.platforms)
    if feed.account_number is not None:
        rows = rows.filter(account_numbers__contains=[feed.account_number])
    if feed.campaign_number is not None:
        rows = rows.filter(campaign_number=feed.campaign_number)
    if feed.only is not None:
        rows = rows.filter(account_numbers__contained_by=feed.only).exclude(account_numbers=[])
    return rows.order_by("-removed_at")[:most]
