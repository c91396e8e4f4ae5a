"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.engagement import collect


@shared_task(name="posts.read_engagement")
def read_engagement() -> None:
    """Read from the networks what has become of published posts."""
    collect.tick()
