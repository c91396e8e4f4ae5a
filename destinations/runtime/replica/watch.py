"""A thread of each process that reads lists: once a second it measures the standby's lag.

It begins with the first list, and rests while none is read. No request waits for it, so a
standby that hangs costs the requests that were reading from it, and none after them.
"""

import os
import threading
import time

import psycopg
import structlog
from django.conf import settings
from redis.exceptions import RedisError

from destinations.runtime.replica.lag import Coverage, NoStandby, measuring

log = structlog.get_logger()

EVERY_SECONDS = 1.0
#: Without a list for so long, the connections are closed.
REST_SECONDS = 60.0


class Watch:
    def __init__(self) -> None:
        self._prepare()

    def _prepare(self) -> None:
        self._beginning = threading.Lock()
        self._wanted, self._over = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._coverage: Coverage | None = None
        self._asked_at = 0.0
        self._was_near: bool | None = None

    def coverage(self) -> Coverage | None:
        """Return the standby's last coverage, if it is near enough; None otherwise."""
        self._asked_at = time.monotonic()
        self._begin()
        self._wanted.set()
        found = self._coverage
        return found if found and _is_near(found) else None

    def stop(self) -> None:
        """End the thread and forget what it knows; for tests, whose process lives on."""
        self._over.set()
        self._wanted.set()
        if self._thread:
            self._thread.join()
        self._prepare()

    def after_fork(self) -> None:
        """Start anew in a forked child, which has no thread."""
        self._prepare()

    def _begin(self) -> None:
        if self._thread and self._thread.is_alive():
            return
        with self._beginning:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="replica", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            self._wanted.wait()
            try:
                self._measure()
            except (NoStandby, psycopg.Error, RedisError) as failure:
                self._coverage = None
                # Only the class: messages of drivers name hosts and users.
                self._tell(is_near=False, failure=type(failure).__name__)
                self._over.wait(EVERY_SECONDS)

    def _measure(self) -> None:
        """Until no list has asked for the coverage in a while."""
        with measuring() as asked:
            while time.monotonic() < self._asked_at + REST_SECONDS and not self._over.is_set():
                self._coverage = found = asked.measure()
                lag = None if found is None else round(found.lag_seconds(), 1)
                self._tell(is_near=found is not None and _is_near(found), lag_seconds=lag)
                self._over.wait(EVERY_SECONDS)
        self._wanted.clear()

    def _tell(self, *, is_near: bool, **said: object) -> None:
        """Log a change: lists are read from the standby, or from the primary again."""
        if is_near is not self._was_near:
            self._was_near = is_near
            if is_near:
                log.info("replica_is_read", **said)
            else:
                log.warning("replica_away", **said)


def _is_near(found: Coverage) -> bool:
    return found.lag_seconds() <= settings.DATABASE_REPLICA_MAX_LAG_SECONDS


watch = Watch()
os.register_at_fork(after_in_child=watch.after_fork)
