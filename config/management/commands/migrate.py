"""Django's `migrate`, which holds up no statement for long while it waits for a lock.

A statement that waits for a lock holds up everything that comes after it, reads too. So a migration
gives up within a second where a longer transaction uses its table, is rolled back and tried again.
"""

import time
from collections.abc import Callable
from typing import Any

from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

#: Set in each transaction, because PgBouncer may give each one another session.
TIMEOUT = "SET LOCAL lock_timeout = '1s'"
TRIES = 60
PAUSE_SECONDS = 2.0


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. What has been applied stays applied when a later one is tried again."""
        retry_without_lock(
            connections[options["database"]],
            lambda: super(Command, self).handle(*args, **options),
            self.stderr.write,
        )


def retry_without_lock(
    connection: Any,
    migrates: Callable[[], object],
    say: Callable[[str], Any],
    pause_seconds: float = PAUSE_SECONDS,
) -> None:
    """Call it again while it gets no lock. Raises OperationalError after the last try."""
    for tries_left in reversed(range(TRIES)):
        try:
            with connection.execute_wrapper(_with_timeout):
                migrates()
                return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable) or not tries_left:
                raise
            say("A table is in use by another transaction; trying again.")
            time.sleep(pause_seconds)


def _with_timeout(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    # Without a transaction are only builds of indexes beside work, which block no other statement.
    if context["connection"].in_atomic_block:
        execute(TIMEOUT, None, False, context)
    return execute(sql, params, many, context)
