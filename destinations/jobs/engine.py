"""An engine: the threads of a worker process that do one kind of work, until it stops.

A thread survives each exception of its work: it pauses, and goes on. An engine whose work failed
for a while, or whose thread has ended all the same, is broken, and the worker's heartbeat says so.
A lost database breaks no engine: another process would fare no better.
"""

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar
from weakref import WeakSet

import structlog
from django.db import Error, close_old_connections, connection

from destinations.runtime import database

log = structlog.get_logger()

#: The pause after a failure; each one that follows at once doubles it, up to the longest.
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 10.0
#: An engine that only fails for so long is broken.
BROKEN_AFTER_SECONDS = 20.0


class Engine(ABC):
    """Threads that call `step` again and again. A subclass is ready before it calls `__init__`."""

    #: Names its threads, and the engine in heartbeats.
    name: ClassVar[str]
    #: How long a stopping process waits for it; None: until nothing is in flight.
    stop_seconds: ClassVar[float | None] = None

    def __init__(self, threads: int = 1) -> None:
        self._pid = os.getpid()
        self._stopping = threading.Event()
        self._failing_since: float | None = None
        self._lock = threading.Lock()
        self._threads = [self._start(number) for number in range(threads)]
        _engines.add(self)

    @property
    @abstractmethod
    def running(self) -> int:
        """Return how many jobs are in flight; a stopping engine waits for them."""

    @abstractmethod
    def step(self) -> bool:
        """Do what there is to do. False: there was nothing for a moment."""

    def is_alive(self) -> bool:
        """Return whether it works. A thread may be about to be started again (`restart_ended`)."""
        return not self._fails() and all(thread.is_alive() for thread in self._threads)

    def is_broken(self) -> bool:
        """Return whether it is not alive although it should be."""
        return self._pid == os.getpid() and not self._stopping.is_set() and not self.is_alive()

    def restart_ended(self) -> None:
        """Start threads in place of those that have ended. The code that brings work calls it."""
        with self._lock:
            for number, thread in enumerate(self._threads):
                if not thread.is_alive() and not self._stopping.is_set():
                    log.error("engine_thread_ended", engine=self.name)
                    self._threads[number] = self._start(number)

    def stop(self, within_seconds: float | None = None) -> None:
        """Wait until nothing is in flight, then end. Call it after `shutdown.request`."""
        self._stopping.set()
        give_up_at = within_seconds and time.monotonic() + within_seconds
        for thread in self._threads:
            thread.join(give_up_at and max(0.0, give_up_at - time.monotonic()))

    def _fails(self) -> bool:
        since = self._failing_since
        return since is not None and time.monotonic() - since > BROKEN_AFTER_SECONDS

    def _start(self, number: int) -> threading.Thread:
        # A daemon: what it does can be cut short anywhere, as by a worker that dies.
        thread = threading.Thread(target=self._run, name=f"{self.name}-{number}", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        pause = PAUSE_SECONDS
        try:
            while not self._is_over():
                if self._safe_step():
                    pause = PAUSE_SECONDS
                else:
                    self._stopping.wait(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        finally:
            connection.close()

    def _is_over(self) -> bool:
        """Return whether to end. Work that fails meanwhile is left to others, by its lease."""
        return self._stopping.is_set() and (not self.running or self._fails())

    def _safe_step(self) -> bool:
        """Take one step. Returns False if it failed."""
        try:
            # It may ask the database, so not after each step.
            if not self.step():
                close_old_connections()
        except Exception as failure:
            if isinstance(failure, Error) and database.is_away(failure):
                # For longer than anything can wait for. The commands failed; leases end.
                log.error("database_away", engine=self.name, failure=str(failure))
            else:
                log.exception("engine_failed", engine=self.name)
                self._failing_since = self._failing_since or time.monotonic()
            connection.close()
            return False
        self._failing_since = None
        return True


_engines: WeakSet[Engine] = WeakSet()
AnyEngine = TypeVar("AnyEngine", bound=Engine)


def broken() -> list[str]:
    """Return the names of this process's engines that do not work."""
    return sorted({engine.name for engine in _engines if engine.is_broken()})


def stop_all() -> None:
    """Stop the engines of this process, one after the other. Call it after `shutdown.request`."""
    for engine in list(_engines):
        if engine._pid == os.getpid():
            engine.stop(engine.stop_seconds)


class OnePerProcess(Generic[AnyEngine]):
    """Makes the engine of a kind when it is first needed; a forked child gets one of its own."""

    def __init__(self, make: Callable[[], AnyEngine]) -> None:
        self._make = make
        self._made: AnyEngine | None = None
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget)

    def current(self) -> AnyEngine:
        """Return this process's engine, with all its threads."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            engine = self._made
        engine.restart_ended()
        return engine

    def known(self) -> AnyEngine | None:
        """Return this process's engine, if it has one."""
        return self._made

    def stop(self, within_seconds: float | None = None) -> None:
        """Stop it, if there is one."""
        if engine := self.known():
            engine.stop(within_seconds)

    def _forget(self) -> None:
        self._made, self._lock = None, threading.Lock()
