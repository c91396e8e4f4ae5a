"""Celery entry points; no logic here."""

from celery import shared_task

from config.operators import log


@shared_task(name="config.forget_logins")
def forget_logins() -> None:
    """Delete ended sessions, and old records of logins and of what operators did."""
    log.delete_old()
