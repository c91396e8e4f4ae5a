"""Everything that runs by the clock, and its rows in the admin's periodic tasks.

What an entry runs is ours: its task, queue and expiry are set after every migration. Whether and
how often it runs is the operator's: `enabled` and the interval are set when the row is made and
never again, so TICK_SECONDS is only the first interval. Entries of others are left alone.
"""

from typing import Any, TypedDict

from django.conf import settings
from django.db import transaction

#: Ticks that piled up while no worker listened say nothing the next one does not. But beat's host
#: writes when a message ends, and a worker's host reads it: were this shorter than their clocks are
#: apart, every tick would be dropped and nothing published.
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
        "description": "Renews authorizations before they end; publishing renews them too.",
    },
    "Forget answers": {
        "task": "posts.forget_answers",
        "every_seconds": 300,
        "queue": "refresh",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Removes what was kept for requests with an Idempotency-Key.",
    },
    "Forget logins": {
        "task": "config.forget_logins",
        "every_seconds": 24 * 60 * 60,
        "queue": "refresh",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Removes sessions that ended, and old records of logins to the admin.",
    },
    "Fetch files": {
        "task": "posts.fetch_files",
        "every_seconds": 30,
        "queue": "media",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Fetches files from their addresses whose message was lost, or that failed.",
    },
    "Clean files up": {
        "task": "posts.clean_files",
        "every_seconds": 600,
        "queue": "media",
        "expire_seconds": EXPIRE_SECONDS,
        "description": "Removes uploads that were given up, and stored files that nothing names.",
    },
}


def sync(**_: Any) -> None:
    """Make the rows that are missing and set right what they run. A post_migrate receiver."""
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
