"""Beat's entries from the database, and from memory while the database is away.

django-celery-beat reads all entries every five minutes, and beat would end if the database did not
answer then. Ticking does not need the newest entries: beat keeps those it has and reads again at
its next look. At its start it has none, and waits.

It also measures from the last run by its host's clock: one that is set back by a day, or a move to
a host that is behind, would be a day without a tick.

It writes heartbeats as workers do, so that a dead beat differs from ticks that no worker serves.

Celery's handler of SIGTERM raises SystemExit wherever beat is. In the middle of a read from Redis
the clean-up of redis-py turns that into another error, and beat runs on until it is killed. Here
beat finishes its step first.

A task that has nothing to do is not sent (`has_work`).
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import platforms
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django_celery_beat.schedulers import (
    SCHEDULE_SYNC_MAX_INTERVAL,
    DatabaseScheduler,
    ModelEntry,
)

from config.queue.has_work import ASK_SECONDS, HasWork
from config.queue.heartbeat_step import write
from config.queue.heartbeats import BEAT, HEARTBEAT_SECONDS, Details, record, remove
from config.queue.schedule import PERIODIC_TASKS
from destinations.runtime import database

log = structlog.get_logger()

#: How long a beat that has only just started waits before it asks the database again.
WAIT_SECONDS = 1


class Entry(ModelEntry):
    last_run_at: datetime

    def is_due(self) -> Any:
        """Return whether to run now, and when to ask again. A run in the future counts as now."""
        self.last_run_at = min(self.last_run_at, self._default_now())
        return super().is_due()


class Scheduler(DatabaseScheduler):
    Entry = Entry
    _heap_invalidated: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._is_asked_to_end = self._is_busy = False
        self._ask_at = self._tell_at = 0.0
        self._name = f"{BEAT}@{socket.gethostname()}"
        self._work = HasWork(PERIODIC_TASKS.values())
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Called once, when Celery's own handlers are in place."""
        platforms.signals.update(SIGTERM=self._end, SIGINT=self._end)
        with self._undisturbed():
            super().setup_schedule()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        with self._undisturbed():
            seconds: float = super().tick(*args, **kwargs)
            self._tell()
        self._end_if_asked()
        return seconds

    def _tell(self) -> None:
        """Write a heartbeat, if it is time. Celery ticks every few seconds at least."""
        if time.monotonic() >= self._tell_at:
            self._tell_at = time.monotonic() + HEARTBEAT_SECONDS
            write(record, self._name, (), Details(settings.VERSION))

    def is_due(self, entry: ModelEntry) -> tuple[bool, float]:
        """Return whether to send it now, and in how many seconds to ask again."""
        is_due, seconds = super().is_due(entry)
        if is_due and not self._work.is_needed(entry.task):
            return False, max(seconds, ASK_SECONDS)
        return is_due, seconds

    def adjust(self, n: float | None, drift: float = 0.0) -> float | None:
        """Return when to look again, as it is.

        Celery looks 10 ms early, finds the entry not due, and asks without a pause until it is.
        """
        return n

    def apply_entry(self, entry: ModelEntry, producer: Any = None) -> None:
        super().apply_entry(entry, producer=producer)
        self._work.note_sent(entry.task)

    def schedules_equal(self, *_: object) -> bool:
        """Return whether the order of the entries stands. Asked at every step.

        Comparing all entries costs more than sending one; each change says so.
        """
        is_known = not self._heap_invalidated and bool(self._heap)
        self._heap_invalidated = False
        return is_known

    def close(self) -> None:
        """Called when beat ends."""
        super().close()
        write(remove, self._name, ())

    def sync(self) -> None:
        with self._undisturbed():
            super().sync()

    def _end(self, *_: object) -> None:
        """A handler of signals."""
        self._is_asked_to_end = True
        if not self._is_busy:
            raise SystemExit

    def _end_if_asked(self) -> None:
        if self._is_asked_to_end:
            raise SystemExit

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """A signal in this block is only remembered."""
        before, self._is_busy = self._is_busy, True
        try:
            yield
        finally:
            self._is_busy = before

    def schedule_changed(self) -> bool:
        """Asked at every step, several times a second; an edit may wait for seconds."""
        if time.monotonic() < self._ask_at:
            return False
        self._ask_at = time.monotonic() + self.max_interval
        changed: bool = super().schedule_changed()
        return changed

    def all_as_schedule(self) -> dict[str, ModelEntry]:
        """Every enabled entry.

        While the database is away these are the entries read last; at its start beat has none and
        waits. Other errors at the start are raised.
        """
        while True:
            try:
                found: dict[str, ModelEntry] = super().all_as_schedule()
                return found
            except (DatabaseError, InterfaceError) as failure:
                if self._schedule is None and not database.is_away(failure):
                    raise
                log.warning("database_away", failure=str(failure))
            if self._schedule is not None:
                # So that the next look reads again.
                self._last_full_sync -= timedelta(seconds=SCHEDULE_SYNC_MAX_INTERVAL)
                return dict(self._schedule)
            connection.close()
            time.sleep(WAIT_SECONDS)
            self._end_if_asked()
