"""The kinds of workers, and whether each queue has one that is alive.

Dedicated queues of one name are a kind of that name: their workers may be others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.queue import heartbeats
from config.queue.routing import ALL, SLOW
from destinations.dispatch import queues

#: The queues of each kind of worker (config/queue/processes.py). One that serves every queue counts
#: as both. Without those that serve dedicated queues.
SERVED = {
    "worker": frozenset(ALL) - set(SLOW),
    "uploader": frozenset(SLOW),
}


@dataclass(frozen=True, slots=True)
class QueueKind:
    """`alive` counts the processes that serve any queue of the kind."""

    alive: int
    #: Its queues that no live process serves.
    unserved: tuple[str, ...]


def served() -> Mapping[str, frozenset[str]]:
    """The queues of every kind."""
    return SERVED | {name: frozenset(queues.dedicated(name)) for name in queues.names()}


def kinds(known: Sequence[heartbeats.WorkerHeartbeat] | None = None) -> dict[str, QueueKind]:
    """Every kind of worker, of these or as Redis knows it at this moment. Raises RedisError."""
    known = heartbeats.known() if known is None else known
    alive = [worker for worker in known if worker.is_alive]
    has_worker = frozenset[str]().union(*(worker.queues for worker in alive))
    return {
        name: QueueKind(
            alive=sum(bool(worker.queues & own) for worker in alive),
            unserved=tuple(sorted(own - has_worker)),
        )
        for name, own in served().items()
    }
