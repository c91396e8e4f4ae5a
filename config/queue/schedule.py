"""Periodic tasks, and their rows in the admin.

The task, queue and expiry of a row are set after every migration. `enabled` and the interval are
set only when the row is made and then belong to the operator, so TICK_SECONDS is only the first
interval. Rows of other tasks are left alone.
"""

from typing import Any, TypedDict

from django.conf import settings
from django.db import transaction

#: Old ticks are dropped: the next one does their work. Beat's host sets the expiry by its clock and
#: a worker's host reads it by its own: if this were shorter than the difference of their clocks,
#: every tick would be dropped and nothing published.
EXPIRE_SECONDS = 600


class Periodic(TypedDict):
    """`every_seconds` is the first interval. A message older than `expire_seconds` is dropped."""

    task: str
    every_seconds: int
    queue: str
    expire_seconds: int
    description: str


PERIODIC_TASKS: dict[str, Periodic] = {
    "Enqueue what is due": {
        "task": "destinations.enqueue_due",
        "every_seconds": settings.TICK_SECONDS,
        "queue": "dispatch",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "The tick: nothing is published while this is disabled.",
    },
    "Refresh tokens": {
        "task": "destinations.refresh_tokens",
        "every_seconds": 60,
        "queue": "refresh",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Refreshes access tokens before they expire; publishing refreshes them too.",
    },
    "Forget answers": {
        "task": "posts.forget_answers",
        "every_seconds": 300,
        "queue": "refresh",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Deletes answers kept for requests with an Idempotency-Key.",
    },
    "Forget logins": {
        "task": "config.forget_logins",
        "every_seconds": 24 * 60 * 60,
        "queue": "refresh",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Deletes ended sessions, and old records of logins to the admin.",
    },
    "Fetch files": {
        "task": "posts.fetch_files",
        "every_seconds": 30,
        "queue": "media",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Fetches files whose message was lost or whose last fetch failed.",
    },
    "Clean files up": {
        "task": "posts.clean_files",
        "every_seconds": 600,
        "queue": "media",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Deletes abandoned uploads, and stored files without a record.",
    },
}


def sync(**_: Any) -> None:
    """Make missing rows and correct their task, queue and expiry. A post_migrate receiver."""
    from django_celery_beat.models import PeriodicTask

    for name, wanted in PERIODIC_TASKS.items():
        owned = {key: wanted[key] for key in ("task", "queue", "expire_seconds")}
        with transaction.atomic():
            # Locked, because two containers may migrate at the same moment.
            found = PeriodicTask.objects.select_for_update().filter(name=name).first()
            if found is None:
                _make(name, wanted)
            elif any(getattr(found, key) != value for key, value in owned.items()):
                for key, value in owned.items():
                    setattr(found, key, value)
                found.save()


def _make(name: str, wanted: Periodic) -> None:
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    interval = {"every": wanted["every_seconds"], "period": IntervalSchedule.SECONDS}
    # Not get_or_create: nothing forbids an operator two equal intervals.
    schedule = IntervalSchedule.objects.filter(**interval).order_by("pk").first()
    PeriodicTask.objects.get_or_create(
        name=name,
        defaults={
            "interval": schedule or IntervalSchedule.objects.create(**interval),
            "task": wanted["task"],
            "queue": wanted["queue"],
            "expire_seconds": wanted["expire_seconds"],
            "description": wanted["description"],
        },
    )
