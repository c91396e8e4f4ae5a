"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.analytics import counting


@shared_task(name="posts.count_posts")
def count_posts() -> None:
    """Count the posts that have changed into the analytics' tallies, for a while at most."""
    counting.count()
