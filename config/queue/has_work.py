"""Tell beat which periodic tasks have something to do: the others are not sent.

A message costs beat and a worker some milliseconds each, and most tasks have nothing to do most of
the time. What becomes due by a change wakes a worker by itself; these looks find the rest.
"""

import time
from collections.abc import Mapping

import structlog
from django.db import DatabaseError, InterfaceError, connection

from destinations.runtime import database

log = structlog.get_logger()

#: How often all are asked about, in one statement.
ASK_SECONDS = 5
#: A task is sent at least so often, no matter what the statement says.
SILENT_SECONDS = 60


class HasWork:
    """Remember which tasks have work. `when` is SQL by task; others are always sent."""

    def __init__(self, when: Mapping[str, str]) -> None:
        self._tasks = tuple(when)
        self._sql = f"SELECT {', '.join(f'({each})' for each in when.values())}"
        self._asked_at = float("-inf")
        self._sent_at = dict.fromkeys(when, float("-inf"))
        self._with_work: set[str] = set()

    def is_needed(self, task: str) -> bool:
        """Return whether to send a task whose interval has passed."""
        now = time.monotonic()
        if now - self._sent_at.get(task, float("-inf")) >= SILENT_SECONDS:
            return True
        if now - self._asked_at >= ASK_SECONDS:
            self._asked_at = now
            self._with_work = self._ask()
        return task in self._with_work

    def note_sent(self, task: str) -> None:
        if task in self._sent_at:
            self._sent_at[task] = time.monotonic()

    def _ask(self) -> set[str]:
        """Return those with work; all if the database does not say, as beat cannot know then.

        It is away, or not migrated yet while beat is of the new version.
        """
        try:
            [found] = database.execute_prepared(self._sql, {})
        except (DatabaseError, InterfaceError) as failure:
            log.warning("work_unknown", failure=str(failure))
            connection.close()
            return set(self._tasks)
        return {task for task, has in zip(self._tasks, found, strict=True) if has}
