"""Periodic tasks, their rows in the admin, and problems of the tick's row.

The task, queue and expiry of a row are set after every migration. `enabled` and the interval are
set only when the row is made and then belong to the operator, so TICK_SECONDS is only the first
interval. Rows of other tasks are left alone.

The dispatchers of workers need no tick while nothing goes wrong; what a lost message, a dead worker
or a network's pause leaves behind is found by the tick alone. While nothing is due or begun, the
tick comes less often: it then only shows that beat and a worker live.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from config.queue.routing import ROUTES
from posts import features

if TYPE_CHECKING:
    from django_celery_beat.models import PeriodicTask

#: Old ticks are dropped: the next one does their work. Beat's host sets the expiry by its clock and
#: a worker's host reads it by its own: if this were shorter than the difference of their clocks,
#: every tick would be dropped and nothing published.
EXPIRE_SECONDS = 600

#: Whether a tick has something to do, or will before beat asks twice more: a dispatcher announces
#: rows that become due soon after a tick. A claim is in flight until its worker ends or is taken
#: for gone, which ticks are counted for.
#: Both rows are the first of an index, no matter what the planner expects.
BUSY = f"""
(SELECT due_at FROM destinations_destination WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1)
<= statement_timestamp() + interval '{2 + settings.TICK_SECONDS} seconds'
OR (SELECT due_at FROM destinations_destination WHERE in_flight ORDER BY due_at LIMIT 1) IS NOT NULL
OR EXISTS (SELECT FROM destinations_busyworker)
"""
#: Far below the age at which /readyz calls the tick stopped.
REST_SECONDS = min(5, settings.TICK_LIMIT_SECONDS / 3)

OWN = {
    "Enqueue what is due": features.PeriodicTask(
        "destinations.enqueue_due",
        settings.TICK_SECONDS,
        "The tick: nothing is published while this is disabled.",
        when=BUSY,
        rest_seconds=REST_SECONDS,
    ),
    "Refresh tokens": features.PeriodicTask(
        "destinations.refresh_tokens",
        60,
        "Refreshes access tokens before they expire; publishing refreshes them too.",
    ),
    "Read servers": features.PeriodicTask(
        "destinations.read_servers",
        60,
        "Asks customers' own servers what posts they take.",
        when="EXISTS (SELECT FROM destinations_server WHERE read_due_at <= statement_timestamp())",
    ),
    "Assign queues": features.PeriodicTask(
        "destinations.assign_queues",
        60,
        "Moves posts that wait to other queues after DEDICATED_QUEUES has changed.",
    ),
    "Delete posts": features.PeriodicTask(
        "destinations.delete_posts",
        5,
        "Deletes from the networks what people and programs asked for, and tries again.",
        when="EXISTS (SELECT FROM destinations_deletion WHERE due_at <= statement_timestamp())",
    ),
    "Count outcomes": features.PeriodicTask(
        "destinations.count_outcomes",
        10,
        "Counts what happened on each network, for the overview and Prometheus.",
        when="(SELECT max(id) FROM destinations_event) > "
        "coalesce((SELECT max(event_id) FROM destinations_statisticsprogress), 0)",
    ),
    "Forget answers": features.PeriodicTask(
        "posts.forget_answers",
        300,
        "Deletes answers kept for requests with an Idempotency-Key.",
    ),
    "Forget posts": features.PeriodicTask(
        "posts.forget_posts",
        600,
        "Deletes posts that ended more than KEEP_POSTS_DAYS ago; by default none.",
    ),
    "Forget logins": features.PeriodicTask(
        "config.forget_logins",
        24 * 60 * 60,
        "Deletes ended sessions, and old records of logins and of what operators did.",
    ),
    "Fetch files": features.PeriodicTask(
        "posts.fetch_files",
        30,
        "Fetches files whose message was lost or whose last fetch failed.",
    ),
    "Clean files up": features.PeriodicTask(
        "posts.clean_files",
        600,
        "Deletes abandoned uploads, and stored files without a record.",
    ),
}
#: With those of features.
PERIODIC_TASKS = OWN | features.periodic_tasks()


def sync(**_: Any) -> None:
    """Make missing rows and correct their task, queue and expiry. A post_migrate receiver."""
    from django_celery_beat.models import PeriodicTask

    for name, each in PERIODIC_TASKS.items():
        owned = {
            "task": each.task,
            "queue": ROUTES[each.task]["queue"],
            "expire_seconds": EXPIRE_SECONDS,
        }
        interval = partial(_interval, each.every_seconds)  # called only for a row that is missing
        with transaction.atomic():
            # Locked, because two containers may migrate at the same moment.
            found, _is_new = PeriodicTask.objects.select_for_update().get_or_create(
                name=name, defaults={**owned, "interval": interval, "description": each.description}
            )
            if any(getattr(found, key) != value for key, value in owned.items()):
                for key, value in owned.items():
                    setattr(found, key, value)
                found.save()


def _interval(seconds: int) -> Any:
    from django_celery_beat.models import IntervalSchedule

    wanted = {"every": seconds, "period": IntervalSchedule.SECONDS}
    # Not get_or_create: nothing forbids an operator two equal intervals.
    found = IntervalSchedule.objects.filter(**wanted).order_by("pk").first()
    return found or IntervalSchedule.objects.create(**wanted)


TICK_NAME = next(iter(PERIODIC_TASKS))
TICK_TASK = PERIODIC_TASKS[TICK_NAME].task
#: Beat would do nothing else.
SHORTEST_SECONDS = 0.1


def tick_problems(row: "PeriodicTask") -> Iterator[str]:
    """Yield each reason why the tick does not run, as the end of "the tick …"."""
    if not row.enabled:
        yield "is switched off"
    if row.task != TICK_TASK or _is_given(row.args, "[]") or _is_given(row.kwargs, "{}"):
        yield "runs something else"
    if row.queue != ROUTES[TICK_TASK]["queue"] or row.exchange or row.routing_key:
        yield "is sent to a queue that no worker serves for it"
    yield from _interval_problems(row)
    if row.one_off:
        yield "runs only once"
    if row.start_time and row.start_time > timezone.now():
        yield f"begins only at {row.start_time:%Y-%m-%d %H:%M} UTC"
    if row.expires:
        yield f"ends at {row.expires:%Y-%m-%d %H:%M} UTC"
    if row.expire_seconds is not None and row.expire_seconds < EXPIRE_SECONDS:
        yield f"expires in less than {EXPIRE_SECONDS} seconds, which clocks may differ by"


def _interval_problems(row: "PeriodicTask") -> Iterator[str]:
    if row.interval is None:
        yield "runs by a clock instead of an interval"
        return
    seconds = row.interval.schedule.run_every.total_seconds()
    if seconds > settings.TICK_LIMIT_SECONDS:
        limit = settings.TICK_LIMIT_SECONDS
        yield f"runs every {seconds:.0f} seconds; more than {limit} count as stopped"
    if seconds < SHORTEST_SECONDS:
        yield f"runs more often than every {SHORTEST_SECONDS} seconds"


def _is_given(text: str, nothing: str) -> bool:
    return "".join(text.split()) not in ("", nothing)


def tick_warning() -> str:
    """Say what is wrong with the tick; "" if it runs."""
    from django_celery_beat.models import PeriodicTask

    rows = PeriodicTask.objects.filter(task=TICK_TASK).select_related("interval")
    found = [(list(tick_problems(row)), row.name) for row in rows]
    if not found:
        return "The tick has no periodic task. `manage.py migrate` makes it."
    # Any one that runs is enough.
    least, name = min(found, key=lambda each: len(each[0]))
    said = f"The tick {', and '.join(least)}. Its periodic task is “{name}”."
    return said if least else ""
