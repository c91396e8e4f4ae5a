"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.campaigns import campaigns


@shared_task(name="posts.clear_campaigns")
def clear_campaigns() -> None:
    """Take the posts of deleted campaigns out of them, for a while at most."""
    campaigns.clear_deleted()
