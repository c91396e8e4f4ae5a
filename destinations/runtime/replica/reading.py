"""Read a list from the standby, or from the primary.

A thread of each process that reads lists measures the standby's lag once a second. It begins with
the first list, and rests while none is read. No request waits for it, so a standby that hangs costs
the requests that were reading from it, and none after them.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import structlog
from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    Error,
    InterfaceError,
    InternalError,
    OperationalError,
    connections,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from redis.exceptions import RedisError

from destinations.runtime import clock
from destinations.runtime.replica import lag
from destinations.runtime.replica.lag import Coverage, NoStandby, measuring

T = TypeVar("T")
log = structlog.get_logger()
#: Each thread's connection.
_own = threading.local()
EVERY_SECONDS = 1.0
#: Without a list for so long, the connections are closed.
REST_SECONDS = 60.0


def read(author: str, work: Callable[[], T]) -> T:
    """Return what `work` returns, whose statements go to the standby if it has what `author` wrote.

    `work` must read only, and everything within the call; it is called again, on the primary, if a
    statement fails.
    """
    primary = connections[DEFAULT_DB_ALIAS]
    if settings.DATABASE_REPLICA is None or primary.in_atomic_block or not _has_all_of(author):
        return work()
    # Measured on the primary, because on the standby it is not.
    clock.now()
    standby, failures = _connection(), _Failures()
    # Under the primary's alias, so that statements of every kind go there.
    connections[DEFAULT_DB_ALIAS] = standby
    try:
        with standby.execute_wrapper(failures.note):
            answer = work()
    except Error:
        if not (failures or standby.errors_occurred):
            raise
    finally:
        connections[DEFAULT_DB_ALIAS] = primary
    if not (failures or standby.errors_occurred):
        return answer
    # Also where `work` made an answer of the failure: the standby is gone, or had to end a
    # statement to go on replaying.
    log.warning("replica_failed", author=author)
    standby.close()
    return work()


class _Failures(list[Error]):
    """Of statements. Django's own mark, `errors_occurred`, goes with a transaction's end."""

    def note(self, execute: Callable[..., Any], *statement: Any) -> Any:
        try:
            return execute(*statement)
        except (OperationalError, InterfaceError, InternalError) as failure:
            self.append(failure)
            raise


def reset() -> None:
    """Close this thread's connection; for tests, whose process lives on."""
    found = getattr(_own, "connection", None)
    if found is not None:
        found.close()
    _own.connection = None


def _has_all_of(author: str) -> bool:
    found = watch.coverage()
    if found is None:
        return False
    try:
        wrote_at = lag.last(author)
    except RedisError:
        return False
    return wrote_at is None or wrote_at < found.covered_at


def _connection() -> BaseDatabaseWrapper:
    found: BaseDatabaseWrapper | None = getattr(_own, "connection", None)
    if found is None or found.settings_dict is not settings.DATABASE_REPLICA:
        found = _own.connection = lag.connect()
    found.close_if_unusable_or_obsolete()
    return found


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
