"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.repeating import recycled_posts
from posts.features.repeating.recurring import materialise


@shared_task(name="posts.repeat")
def repeat() -> None:
    """Make the posts of rules and recycled posts that are to be made now.

    Two at once do no harm.
    """
    materialise.run()
    recycled_posts.run()
