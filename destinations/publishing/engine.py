"""The publisher of a worker process: one for all lists, with threads of its own.

A Celery task hands its list over and ends. So no list holds a thread of Celery's while it waits for
a network, and ticks never stand behind lists. A message that is acknowledged before its list is
done loses nothing: if the process dies, the leases end and the rows are due again.
"""

import os
import threading
import time
from collections.abc import Sequence
from functools import lru_cache

import structlog
from django.conf import settings
from django.db import Error, close_old_connections, connection

from destinations.dispatch import dispatcher
from destinations.dispatch.claims import Claimed
from destinations.publishing.worker import Publisher
from destinations.runtime import event_loop

log = structlog.get_logger()

#: How often `stop` looks.
LOOK_SECONDS = 0.1


class Engine:
    def __init__(self, threads: int) -> None:
        self._publisher = Publisher(event_loop.current(), on_end=dispatcher.wake)
        self._is_over = False
        self._threads = [
            threading.Thread(target=self._work, name=f"database-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, claims: Sequence[Claimed]) -> None:
        """Publish claimed destinations of one queue; returns at once.

        Stale or repeated claims are ignored.
        """
        self._publisher.submit(claims)

    def in_flight(self) -> tuple[dict[str, int], int]:
        return self._publisher.in_flight()

    def stop(self) -> None:
        """Wait until nothing is being published, then end. After `shutdown.request` nothing new
        begins.
        """
        while self._publisher.running:
            time.sleep(LOOK_SECONDS)
        self._is_over = True
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while not self._is_over:
            try:
                is_busy = self._publisher.work()
            except Error as failure:
                # Away for longer than anything can wait for. The commands failed; leases end.
                log.error("database_away", failure=str(failure))
                is_busy = False
            # It may ask the database, so not after each group.
            if not is_busy:
                close_old_connections()
        connection.close()


@lru_cache(maxsize=1)
def _engine_of(pid: int) -> Engine:
    return Engine(settings.WORKER_DATABASE_THREADS)


def current() -> Engine:
    """This process's engine; a forked child gets one of its own."""
    with _lock:
        return _engine_of(os.getpid())


def in_flight() -> tuple[dict[str, int], int]:
    """Publishes of this process that have begun, by network, and how many claims wait to begin."""
    return current().in_flight() if _engine_of.cache_info().currsize else ({}, 0)


def stop() -> None:
    """Stop this process's engine, if it has one."""
    if _engine_of.cache_info().currsize:
        current().stop()


_lock = threading.Lock()
