"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.feeds import poll


@shared_task(name="posts.read_feeds")
def read_feeds() -> None:
    """Read the RSS and Atom feeds that are due, and make the posts of their new items."""
    poll.tick()
