"""Celery entry points; no logic here."""

from celery import shared_task

from posts.features.calendar_feeds import cancelled


@shared_task(name="posts.forget_calendar_events")
def forget_calendar_events() -> None:
    """Delete the deleted posts that calendars need not tell any more, for a minute at most."""
    cancelled.forget()
