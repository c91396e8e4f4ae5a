"""Reads a list from the standby, or from the primary."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

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
from destinations.runtime.replica.watch import watch

T = TypeVar("T")
log = structlog.get_logger()
#: Each thread's connection.
_own = threading.local()


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
