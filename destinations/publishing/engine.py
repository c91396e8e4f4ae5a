"""The publisher of a worker process: one for all lists, with threads of its own.

A Celery task hands its list over and ends. So no list holds a thread of Celery's while it waits for
a network, and ticks never stand behind lists. A message that is acknowledged before its list is
done loses nothing: if the process dies, the leases end and the rows are due again.
"""

from collections.abc import Sequence

from django.conf import settings

from destinations.dispatch import dispatcher
from destinations.dispatch.claims import Claimed
from destinations.jobs.engine import Engine, OnePerProcess
from destinations.publishing.worker import Publisher
from destinations.runtime import event_loop


class PublishingEngine(Engine):
    name = "publishing"

    def __init__(self, threads: int) -> None:
        self._publisher = Publisher(event_loop.current(), on_end=dispatcher.wake)
        super().__init__(threads)

    @property
    def running(self) -> int:
        return self._publisher.running

    def step(self) -> bool:
        return self._publisher.work()

    def submit(self, claims: Sequence[Claimed]) -> None:
        """Publish claimed destinations of one queue; returns at once.

        Stale or repeated claims are ignored.
        """
        self._publisher.submit(claims)

    def in_flight(self) -> tuple[dict[str, int], int]:
        return self._publisher.in_flight()


_engine = OnePerProcess(lambda: PublishingEngine(settings.WORKER_DATABASE_THREADS))
current = _engine.current
stop = _engine.stop


def in_flight() -> tuple[dict[str, int], int]:
    """Publishes of this process that have begun, by network, and how many claims wait to begin."""
    engine = _engine.known()
    return engine.in_flight() if engine else ({}, 0)
