"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.request_log import retention


@shared_task(name="posts.forget_requests")
def forget_requests() -> None:
    """Delete old rows of the log of API requests, for a minute at most."""
    retention.forget()
