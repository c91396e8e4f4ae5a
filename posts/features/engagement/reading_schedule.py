"""Decide when a post's numbers are read: often while they grow fast, then seldom, then no more."""

from datetime import datetime, timedelta

from django.conf import settings


def steps() -> list[timedelta]:
    """Return the ages at which a post is read, rising."""
    return [timedelta(seconds=seconds) for seconds in settings.ENGAGEMENT_AFTER]


def next_at(published_at: datetime, now: datetime) -> datetime | None:
    """Return the next moment to read a post of this age; None: it is old."""
    moments = (published_at + step for step in steps())
    return next((moment for moment in moments if moment > now), None)


def oldest(now: datetime) -> datetime:
    """Return what was published before this is not read any more."""
    return now - steps()[-1]
