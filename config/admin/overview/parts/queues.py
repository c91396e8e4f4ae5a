"""The queues: messages in Redis, posts that wait behind each, and who serves it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.queue.heartbeats import WorkerHeartbeat
from config.queue.routing import DISPATCH, MEDIA, REFRESH, WEBHOOKS
from config.status import wording
from config.status.posts import is_late
from destinations.dispatch.backlog import Backlog, WaitingCount

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
