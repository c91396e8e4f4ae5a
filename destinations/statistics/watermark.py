"""Up to which event nothing can appear any more.

Ids are given before transactions commit, so a lower id may become visible after a higher one. A
transaction that inserts an event locks the table first (RowExclusiveLock) and is given the id then.
So if all that hold this lock now have ended, every event up to the id that was the newest before is
visible or will never be.
"""

import time

from django.db import connection

#: How long writers are waited for: they end within milliseconds.
WAIT_SECONDS, CHECK_SECONDS = 1.0, 0.02

WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
      AND relation = 'destinations_event'::regclass
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def newest_event() -> int | None:
    """Return the id up to which events are settled; None while a transaction writes some.

    Call it outside of a transaction.
    """
    newest = _newest()
    writers = _writers()
    give_up_at = time.monotonic() + WAIT_SECONDS
    while writers:
        if time.monotonic() > give_up_at:
            return None
        time.sleep(CHECK_SECONDS)
        writers &= _writers()
    return newest


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM destinations_event")
        return int(cursor.fetchone()[0])


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {name for (name,) in cursor.fetchall()}
