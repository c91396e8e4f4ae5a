"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.webhooks import retention
from posts.features.webhooks.delivery import engine


@shared_task(name="posts.deliver_webhooks")
def deliver_webhooks() -> None:
    """Wake the deliveries of this worker. Lost and repeated messages do no harm."""
    engine.current().wake()


@shared_task(name="posts.forget_webhooks")
def forget_webhooks() -> None:
    """Delete old events and what is left of deleted webhooks, for a minute at most."""
    retention.forget()
