"""Workers and beat: which are alive, what they run, what is missing; and the queues they serve."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from config.queue import heartbeats, routing
from config.queue.heartbeats import WorkerHeartbeat
from config.queue.routing import DISPATCH, MEDIA, REFRESH, WEBHOOKS
from config.status import wording
from config.status.fact import Measurement
from config.status.posts import is_late
from config.status.processes import Workers
from destinations.dispatch.backlog import Backlog, WaitingCount
from platforms.registry import ADAPTERS


@dataclass(frozen=True, slots=True)
class Process:
    name: str
    #: worker, uploader, beat or several.
    kind: str
    is_alive: bool
    #: How long ago its last heartbeat was.
    heard: str
    #: Blank: it is older than versions that tell it.
    version: str
    is_other_version: bool
    runs: str
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessList:
    """Every process that Redis knows, and what is missing among them."""

    beat: Measurement
    workers: Workers
    #: What is wrong with the tick's periodic task; blank: nothing.
    tick_warning: str

    @property
    def listed(self) -> list[Process]:
        found = [_process(each) for each in self.workers.known]
        return sorted(found, key=lambda each: (each.is_alive, each.kind, each.name))

    @property
    def unserved(self) -> Mapping[str, Sequence[str]]:
        return self.workers.unserved

    @property
    def last_tick(self) -> str:
        age = self.beat.value.age_seconds
        return "none since Redis was emptied" if age is None else f"{wording.age(age)} ago"


def _process(worker: WorkerHeartbeat) -> Process:
    said = worker.details
    return Process(
        name=worker.name,
        kind=_kind(worker),
        is_alive=worker.is_alive,
        heard=f"{wording.age(worker.age_seconds)} ago",
        version=said.version,
        is_other_version=said.version not in ("", settings.VERSION),
        runs=_runs(worker),
        queues=tuple(sorted(worker.queues)),
    )


def _kind(worker: WorkerHeartbeat) -> str:
    if not worker.queues:
        return heartbeats.BEAT
    return " and ".join(name for name, queues in routing.served().items() if worker.queues & queues)


def _runs(worker: WorkerHeartbeat) -> str:
    """Say what it runs: `12 X, 3 Threads; 40 wait in it; 1 posts.make_variants`."""
    said = worker.details
    published = ", ".join(f"{count} {_name(key)}" for key, count in _most(said.publishing))
    tasks = ", ".join(f"{count} {name}" for name, count in _most(said.tasks))
    waiting = f"{said.waiting} wait in it" if said.waiting else ""
    broken = f"broken: {', '.join(said.broken)}" if said.broken else ""
    return "; ".join(part for part in (broken, published, waiting, tasks) if part) or "nothing now"


def _most(counts: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _name(platform: str) -> str:
    return ADAPTERS[platform].name if platform in ADAPTERS else platform


#: What stands in the others, for people who do not know them.
PURPOSES = {
    DISPATCH: "ticks and wake-ups",
    REFRESH: "token refreshes and housekeeping",
    MEDIA: "fetching and converting files",
    WEBHOOKS: "events for customers' webhooks",
}


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    purpose: str
    #: Messages that no worker has taken.
    depth: int
    waiting: WaitingCount
    #: The processes that serve it and are alive.
    served_by: tuple[str, ...]

    @property
    def is_busy(self) -> bool:
        return bool(self.depth or self.waiting.count)

    @property
    def level(self) -> str:
        if not self.served_by:
            return "act"
        return "act" if is_late(self.waiting.oldest_seconds) else ""

    @property
    def oldest(self) -> str:
        return wording.age(self.waiting.oldest_seconds) if self.waiting.count else "-"


def listed(
    backlog: Backlog, lengths: Mapping[str, int], known: Iterable[WorkerHeartbeat]
) -> list[Queue]:
    """Every queue; those that need a look first. `lengths` are their messages in Redis."""
    alive = [worker for worker in known if worker.is_alive]
    found = [
        Queue(
            name=name,
            purpose=PURPOSES.get(name, ""),
            depth=depth,
            waiting=backlog.queues.get(name, WaitingCount()),
            served_by=tuple(worker.name for worker in alive if name in worker.queues),
        )
        for name, depth in lengths.items()
    ]
    return sorted(found, key=lambda queue: (queue.level == "", -queue.depth))
