"""The tick's row among the periodic tasks: what about it keeps posts from going out in time.

The dispatchers of workers need no tick while nothing goes wrong; what a lost message, a dead worker
or a network's pause leaves behind is found by the tick alone.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from config.queue.routing import ROUTES
from config.queue.schedule import EXPIRE_SECONDS, PERIODIC_TASKS

if TYPE_CHECKING:
    from django_celery_beat.models import PeriodicTask

NAME = next(iter(PERIODIC_TASKS))
TASK = PERIODIC_TASKS[NAME].task
#: Beat would do nothing else.
SHORTEST_SECONDS = 0.1


def problems(row: "PeriodicTask") -> Iterator[str]:
    """Each reason, as the end of "the tick …"."""
    if not row.enabled:
        yield "is switched off"
    if row.task != TASK or _is_given(row.args, "[]") or _is_given(row.kwargs, "{}"):
        yield "runs something else"
    if row.queue != ROUTES[TASK]["queue"] or row.exchange or row.routing_key:
        yield "is sent to a queue that no worker serves for it"
    yield from _interval(row)
    if row.one_off:
        yield "runs only once"
    if row.start_time and row.start_time > timezone.now():
        yield f"begins only at {row.start_time:%Y-%m-%d %H:%M} UTC"
    if row.expires:
        yield f"ends at {row.expires:%Y-%m-%d %H:%M} UTC"
    if row.expire_seconds is not None and row.expire_seconds < EXPIRE_SECONDS:
        yield f"expires in less than {EXPIRE_SECONDS} seconds, which clocks may differ by"


def _interval(row: "PeriodicTask") -> Iterator[str]:
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


def warning() -> str:
    """Say what is wrong with the tick; "" if it runs."""
    from django_celery_beat.models import PeriodicTask

    rows = PeriodicTask.objects.filter(task=TASK).select_related("interval")
    found = [(list(problems(row)), row.name) for row in rows]
    if not found:
        return "The tick has no periodic task. `manage.py migrate` makes it."
    # Any one that runs is enough.
    least, name = min(found, key=lambda each: len(each[0]))
    said = f"The tick {', and '.join(least)}. Its periodic task is “{name}”."
    return said if least else ""
