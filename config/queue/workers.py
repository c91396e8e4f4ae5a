"""The kinds of workers, and whether each queue has one that is alive."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.queue import heartbeats
from config.queue.routing import ALL, SLOW

#: The queues of each kind of worker (config/queue/processes.py). One that serves every queue counts
#: as both.
SERVED = {
    "worker": frozenset(ALL) - set(SLOW),
    "uploader": frozenset(SLOW),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """`alive` counts the processes that serve any queue of the kind."""

    alive: int
    #: Its queues that no live process serves.
    unserved: tuple[str, ...]


def kinds(known: Sequence[heartbeats.Worker] | None = None) -> dict[str, Kind]:
    """Every kind of worker, of these or as Redis knows it at this moment. Raises RedisError."""
    known = heartbeats.known() if known is None else known
    alive = [worker for worker in known if worker.is_alive]
    served = frozenset[str]().union(*(worker.queues for worker in alive))
    return {
        name: Kind(
            alive=sum(bool(worker.queues & queues) for worker in alive),
            unserved=tuple(sorted(queues - served)),
        )
        for name, queues in SERVED.items()
    }
