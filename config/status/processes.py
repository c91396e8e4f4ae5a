"""Beat, the workers, their queues, and the periodic tasks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django_celery_beat.models import PeriodicTask

from config.queue import heartbeats, routing, schedule
from config.queue.heartbeats import WorkerHeartbeat
from config.queue.routing import QueueKind, every
from config.queue.schedule import PERIODIC_TASKS
from config.status.fact import Finding, Source, ok, problem, warning
from config.status.wording import age
from destinations.dispatch.restoring import restore_detector
from destinations.runtime.redis_client import client
from posts.models import Workspace

DEDICATED = "Start a worker of them, or have the others serve them (deploy/SCALING.md)."
RESTART = "Restart it, and report what its log says at engine_failed."
START = "Start the process {0} (docker compose -f deploy/compose.yaml up -d {0})."
#: kombu keeps a queue's messages in one Redis list per priority: the first has the queue's name.
#: Source: `priority_steps` and `sep` of `kombu.transport.redis.Channel`.
SUFFIXES = ("", *(f"\x06\x16{step}" for step in (3, 6, 9)))
PAGE = "Correct it in the admin, under Periodic tasks."


@dataclass(frozen=True, slots=True)
class LastTick:
    """Both are None if no tick is known."""

    at: datetime | None
    age_seconds: float | None


@dataclass(frozen=True, slots=True)
class Workers:
    """The processes that Redis knows, and the kinds of workers among them."""

    known: Sequence[WorkerHeartbeat]
    kinds: Mapping[str, QueueKind]

    @property
    def is_beat_alive(self) -> bool:
        return any(each.is_alive and not each.queues for each in self.known)

    @property
    def unserved(self) -> Mapping[str, Sequence[str]]:
        """Queues that no live process serves, by the kind that would."""
        return {name: kind.unserved for name, kind in self.kinds.items() if kind.unserved}


def measure_beat(source: Source) -> LastTick:
    if (at := restore_detector.last_tick()) is None:
        return LastTick(None, None)
    return LastTick(at, max(0.0, (source.now() - at).total_seconds()))


def judge_beat(last: LastTick) -> Iterator[Finding]:
    if last.age_seconds is None:
        yield problem("beat", "No tick since Redis was emptied.", START.format("beat"))
    elif last.age_seconds > settings.TICK_LIMIT_SECONDS:
        said = f"The last tick was {age(last.age_seconds)} ago."
        yield problem("beat", said, START.format("beat") + " A worker must be alive too.")
    else:
        yield ok("beat", f"last tick {last.age_seconds:.0f} s ago")


def measure_tick(source: Source) -> str:
    return schedule.tick_warning()


def judge_tick(wrong: str) -> Iterator[Finding]:
    yield problem("tick", wrong, PAGE) if wrong else ok("tick", "its periodic task runs")


def check_schedule() -> Iterator[Finding]:
    """Name the periodic tasks that are disabled; the tick is a fact of its own."""
    others = PERIODIC_TASKS.keys() - {schedule.TICK_NAME}
    off = PeriodicTask.objects.filter(name__in=others, enabled=False)
    names = list(off.order_by("name").values_list("name", flat=True))
    for name in names:
        said = f"The periodic task “{name}” is disabled. {PERIODIC_TASKS[name].description}"
        yield warning("schedule", said, "Enable it in the admin, under Periodic tasks.")
    if not names:
        yield ok("schedule", "every other periodic task is enabled")


def measure_workers(source: Source) -> Workers:
    known = heartbeats.known()
    return Workers(known, routing.kinds(known))


def judge_workers(found: Workers) -> Iterator[Finding]:
    broken = [each for each in found.known if each.is_heard and each.details.broken]
    for worker in broken:
        # If it is the last of a kind, that is one problem.
        if not any(worker.queues & set(queues) for queues in found.unserved.values()):
            yield problem("workers", _broken(worker), RESTART, worker.name)
    for name, kind in found.kinds.items():
        if kind.unserved:
            last = [each for each in broken if each.queues & set(kind.unserved)]
            said = [no_worker(name, kind, ", ".join(kind.unserved)), *map(_broken, last)]
            yield problem("workers", " ".join(said), RESTART if last else how_to_start(name), name)
        else:
            yield ok("workers", f"{kind.alive} {name}")


def _broken(worker: WorkerHeartbeat) -> str:
    return f"{worker.name} runs, but not its {' and '.join(worker.details.broken)}."


def no_worker(name: str, kind: QueueKind, queues: str) -> str:
    """Return the sentence about a kind of worker of which these queues lack a live one."""
    one = name if name in routing.SERVED else f"worker of {name}"
    return (
        f"No {one} is alive, so none serves {queues}."
        if not kind.alive
        else f"No worker serves {queues}."
    )


def how_to_start(name: str) -> str:
    """Return what to do without a kind of worker."""
    return START.format(name) if name in routing.SERVED else DEDICATED


def measure_queues(source: Source) -> dict[str, int]:
    """Count the messages that no worker has taken, by queue."""
    asking = client(settings.REDIS_URL).pipeline(transaction=False)
    names = every()
    for queue in names:
        for suffix in SUFFIXES:
            asking.llen(queue + suffix)
    lengths = iter(asking.execute())
    return {queue: sum(next(lengths) for _ in SUFFIXES) for queue in names}


def check_dedicated_queues() -> Iterator[Finding]:
    """Name mistyped ids: one leaves its workspace in the shared queues, and nothing else tells."""
    named = settings.DEDICATED_QUEUES
    known = set(Workspace.objects.filter(pk__in=named).values_list("pk", flat=True))
    missing = named.keys() - known
    for key in missing:
        said = f"DEDICATED_QUEUES names {key}, which is no workspace."
        yield warning("workers", said, "Take the id from the workspace's page in the admin.")
    if named and not missing:
        yield ok("workers", "every workspace of DEDICATED_QUEUES exists")
