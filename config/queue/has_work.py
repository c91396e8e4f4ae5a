"""Tell beat which periodic tasks have something to do: the others are not sent.

A message costs beat and a worker some milliseconds each, and most tasks have nothing to do most of
the time. What becomes due by a change wakes a worker by itself; these looks find the rest. Looking
is one statement for all tasks.
"""

import time
from collections.abc import Iterable

import structlog
from django.db import DatabaseError, InterfaceError, connection

from destinations.runtime import database
from posts.features import PeriodicTask

log = structlog.get_logger()

#: How often the database is asked. The tick needs it so often: a message may have been lost.
ASK_SECONDS = 1


class HasWork:
    """Remember which tasks have work; those without `when` are always sent."""

    def __init__(self, tasks: Iterable[PeriodicTask]) -> None:
        asked = [each for each in tasks if each.when]
        self._rest_seconds = {each.task: each.rest_seconds for each in asked}
        self._sql = f"SELECT {', '.join(f'({each.when})' for each in asked)}"
        self._asked_at = float("-inf")
        self._sent_at = dict.fromkeys(self._rest_seconds, float("-inf"))
        self._with_work: set[str] = set()

    def is_needed(self, task: str) -> bool:
        """Return whether to send a task whose interval has passed."""
        now = time.monotonic()
        if task not in self._sent_at or now - self._sent_at[task] >= self._rest_seconds[task]:
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
            return set(self._sent_at)
        return {task for task, has in zip(self._sent_at, found, strict=True) if has}
