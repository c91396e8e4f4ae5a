"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.campaigns import deleted_campaigns


@shared_task(name="posts.clear_campaigns")
def clear_campaigns() -> None:
    """Take the posts of deleted campaigns out of them, for a while at most."""
    deleted_campaigns.clear()
