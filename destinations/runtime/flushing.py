"""Writes what requests leave in memory: one thread per process, about once a second.

A request only adds to a sink and calls `request_flush`. The thread begins with the first call in a
process that serves requests (config/web/__main__.py starts it) and sleeps while nothing is wanted.
What is left at the end of the process is written then. A forked process starts with nothing: what
its parent holds is its parent's to write.
"""

import atexit
import os
import threading
from typing import Protocol

import structlog
from django.db import close_old_connections

log = structlog.get_logger()

EVERY_SECONDS = 1.0
#: How long the end of a process may wait for a flush that hangs.
STOP_SECONDS = 5.0


class Sink(Protocol):
    """Holds what requests leave. Both are called by one thread at a time."""

    def flush(self) -> None:
        """Write what is held. Raises nothing when the service that takes it is away: the sink keeps
        what it may keep, and calls `request_flush` to be asked again."""

    def forget(self) -> None:
        """Drop what is held."""


class Flusher:
    """The thread, and whose `flush` it calls. While it is not started nothing may be held."""

    def __init__(self, every_seconds: float = EVERY_SECONDS) -> None:
        self._every = every_seconds
        self._sinks: list[Sink] = []
        #: Whether anything may be held: sinks look before they add.
        self.is_on = False
        self._prepare()

    def _prepare(self) -> None:
        self._turn, self._beginning = threading.Lock(), threading.Lock()
        self._wanted, self._full = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, sink: Sink) -> None:
        self._sinks.append(sink)

    def start(self) -> None:
        """Flush from now on, until `stop` or the end of the process."""
        self.is_on = True
        atexit.register(self.stop)

    def request_flush(self, *, soon: bool = False) -> None:
        """Have every sink flushed within a second; `soon`: at once."""
        if not self._wanted.is_set() and self.is_on:
            self._wanted.set()
            self._begin()
        if soon:
            self._full.set()

    def stop(self) -> None:
        """Write what is left, and hold nothing more."""
        atexit.unregister(self.stop)
        if not self.is_on:
            return
        self.is_on = False
        self._wanted.set()
        self._full.set()
        if self._turn.acquire(timeout=STOP_SECONDS):
            try:
                self._flush()
            finally:
                self._turn.release()
        else:
            log.error("flush_given_up", seconds=STOP_SECONDS)

    def after_fork(self) -> None:
        """Start anew in a forked child."""
        self._prepare()
        for sink in self._sinks:
            sink.forget()

    def _begin(self) -> None:
        with self._beginning:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self.is_on:
            self._wanted.wait()
            self._full.wait(self._every)
            # Before the flush: what is added meanwhile wants another one.
            self._wanted.clear()
            self._full.clear()
            with self._turn:
                self._flush()

    def _flush(self) -> None:
        close_old_connections()
        for sink in self._sinks:
            try:
                sink.flush()
            except Exception:  # a bug in one sink keeps no other from being written
                log.exception("flush_failed", sink=type(sink).__name__)


#: This process's.
flusher = Flusher()
os.register_at_fork(after_in_child=flusher.after_fork)
