"""One thread of several works at a time, and none waits for long for what others have locked."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, connections

from destinations.runtime import database

log = structlog.get_logger()

#: A thread that works for longer than this is held up.
HELD_UP_SECONDS = 3
CANCEL_SECONDS = 2
#: Whether a session of this process waits for a lock of another one: a slow server is no reason to
#: cancel anything. Not by the number of the session, which is another one behind a pooler.
IS_LOCKED = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
      AND application_name = current_setting('application_name')
)
"""


class Turn:
    """The right to work, while it is locked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        #: Django's connection of the thread that works.
        self.connection: Any = None

    def end(self) -> None:
        self.connection = None
        self.lock.release()


class Turns:
    """Lets one thread work at a time, and another in its place if it is held up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = Turn()

    @contextmanager
    def take(self) -> Iterator[Callable[[], None]]:
        """Wait for the turn; after HELD_UP_SECONDS take it from the thread that has it.

        Gives what passes it on before the block ends.
        """
        turn, late = self._wait()
        turn.connection = connections[DEFAULT_DB_ALIAS]
        with ExitStack() as held:
            held.callback(turn.end)
            if late:
                _end_waiting(late)
            yield held.close

    def _wait(self) -> tuple[Turn, Turn | None]:
        """Return the turn, and the one of a thread that has just been given up."""
        late = None
        while True:
            turn = self._turn
            if not turn.lock.acquire(timeout=HELD_UP_SECONDS):
                with self._lock:
                    if turn is self._turn:
                        self._turn, late = Turn(), turn
            elif turn is self._turn:
                return turn, late
            else:
                turn.lock.release()


def _end_waiting(late: Turn) -> None:
    """Cancel what a thread waits for, if that is a lock."""
    ((is_locked,),) = database.execute(IS_LOCKED)
    raw: psycopg.Connection[Any] | None = getattr(late.connection, "connection", None)
    if is_locked and raw:
        log.warning("waited_for_lock", seconds=HELD_UP_SECONDS)
        # A wait that cannot be cancelled goes on, alone.
        with suppress(psycopg.Error):
            raw.cancel_safe(timeout=CANCEL_SECONDS)
