"""Beat and the workers."""

from collections.abc import Iterator

from django.conf import settings
from django_celery_beat.models import PeriodicTask

from config.doctor.finding import Finding, ok, problem, warning
from config.queue import heartbeats, workers
from config.queue.schedule import PERIODIC_TASKS
from destinations.dispatch import heartbeat
from destinations.runtime import clock
from posts.models import Workspace

DEDICATED = "Start a worker of them, or have the others serve them (deploy/SCALING.md)."
RESTART = "Restart it, and report what its log says at engine_failed."
START = "Start the process {0} (docker compose -f deploy/compose.yaml up -d {0})."


def check_beat() -> Iterator[Finding]:
    ticked_at = heartbeat.last_tick()
    if ticked_at is None:
        yield problem("beat", "It has not ticked since Redis was emptied.", START.format("beat"))
        return
    age = (clock.now() - ticked_at).total_seconds()
    if age > settings.TICK_LIMIT_SECONDS:
        said = f"Its last tick was worked off {age:.0f} s ago."
        yield problem("beat", said, START.format("beat") + " A worker must be alive too.")
    else:
        yield ok("beat", f"last tick {age:.0f} s ago")


def check_schedule() -> Iterator[Finding]:
    off = PeriodicTask.objects.filter(name__in=PERIODIC_TASKS, enabled=False)
    names = list(off.order_by("name").values_list("name", flat=True))
    for name in names:
        task = PERIODIC_TASKS[name]
        said = f"The periodic task “{name}” is disabled. {task.description}"
        report = problem if task.task == "destinations.enqueue_due" else warning
        yield report("schedule", said, "Enable it in the admin, under Periodic tasks.")
    if not names:
        yield ok("schedule", "every periodic task is enabled")


def check_workers() -> Iterator[Finding]:
    known = heartbeats.known()
    for worker in known:
        if worker.is_heard and worker.details.broken:
            said = f"{worker.name} runs, but not its {' and '.join(worker.details.broken)}."
            yield problem("workers", said, RESTART)
    for name, kind in workers.kinds(known).items():
        if kind.unserved:
            said = f"No worker serves {', '.join(kind.unserved)}."
            is_shared = name in workers.SERVED
            yield problem("workers", said, START.format(name) if is_shared else DEDICATED)
        else:
            yield ok("workers", f"{kind.alive} {name}")


def check_dedicated_queues() -> Iterator[Finding]:
    """A mistyped id leaves its workspace in the shared queues, and nothing else tells it."""
    named = settings.DEDICATED_QUEUES
    known = set(Workspace.objects.filter(pk__in=named).values_list("pk", flat=True))
    missing = named.keys() - known
    for key in missing:
        said = f"DEDICATED_QUEUES names {key}, which is no workspace."
        yield warning("workers", said, "Take the id from the workspace's page in the admin.")
    if named and not missing:
        yield ok("workers", "every workspace of DEDICATED_QUEUES exists")
