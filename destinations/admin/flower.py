"""Links to Flower, which shows Celery's tasks, from the pages of the admin.

A task that publishes carries the public ids of its destinations as its arguments, so Flower finds
the tasks of a destination by its id. It remembers tasks only since it was started.
"""

from typing import Protocol
from urllib.parse import quote

from django.conf import settings

#: Who sees periodic tasks may see tasks.
PERMISSION = "django_celery_beat.view_periodictask"


class _User(Protocol):
    def has_perm(self, perm: str) -> bool: ...


def may_open(user: _User) -> bool:
    """Return whether there is a Flower to link to, and this operator may see it."""
    return bool(settings.FLOWER_URL) and user.has_perm(PERMISSION)


def tasks_of(public_id: str) -> str:
    """The URL of the tasks that carried this destination; "" without Flower."""
    if not settings.FLOWER_URL:
        return ""
    # Flower reads its search box from `name`, and puts `name:` in front of it.
    # Source: flower/static/js/flower.js, version 2.2, initialSearch.
    search = quote(f"destinations.publish args:{public_id}")
    return f"{settings.FLOWER_URL}/tasks?name={search}"
