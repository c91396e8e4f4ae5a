"""Celery's way in: fetch nothing, decide nothing, call."""

from celery import shared_task

from config.operators import past_logins


@shared_task(name="config.forget_logins")
def forget_logins() -> None:
    """Delete ended sessions and old records of logins."""
    past_logins.forget()
