"""Work on each event of destinations once, in steps, no matter what ends or runs beside.

The work of a step and how far it has come are written in one transaction, under a row lock: a
worker that dies, or a second one at the same time, changes nothing, and after a pause the work goes
on where it stopped.

Ids are given before transactions commit, so a lower id may become visible after a higher one. A
transaction that inserts an event locks the table first (RowExclusiveLock) and is given the id then.
So if all that hold this lock now have ended, every event up to the id that was the newest before is
visible or will never be. Events up to that id are worked on.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.db import transaction

from destinations.runtime import database

log = structlog.get_logger()

#: How many ids one transaction covers.
STEP = 20_000
#: How long writers are waited for: they end within milliseconds.
WAIT_SECONDS, CHECK_SECONDS = 1.0, 0.02

WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
      AND relation = 'destinations_event'::regclass
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def each_once(progress: Any, work: Callable[[int, int], None], *, seconds: float) -> bool:
    """Call `work` with (after, up to which id) until nothing is left; return whether that is so.

    `progress` is a model of one row with an `event_id`. After so many seconds, or while another
    process works or a transaction that wrote events stays open, False: the next run goes on.
    """
    newest = newest_event()
    if newest is None:
        reason = "a transaction that wrote events stays open"
        log.warning("statistics_wait", progress=progress.__name__, reason=reason)
        return False
    progress.objects.bulk_create([progress(pk=1)], ignore_conflicts=True)
    stop_at = time.monotonic() + seconds
    while (left := _step(progress, work, newest)) and time.monotonic() < stop_at:
        pass
    return left == 0


@transaction.atomic
def _step(progress: Any, work: Callable[[int, int], None], newest: int) -> int | None:
    """Work on the next events; return how many ids are left. None if others work, or have."""
    found = progress.objects.filter(pk=1)
    row = found.select_for_update(skip_locked=True).first()
    if row is None or row.event_id > newest:
        return None
    upto = min(row.event_id + STEP, newest)
    if upto > row.event_id:
        work(row.event_id, upto)
        found.update(event_id=upto)
    left: int = newest - upto
    return left


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
    [(newest,)] = database.execute("SELECT coalesce(max(id), 0) FROM destinations_event")
    return int(newest)


def _writers() -> set[str]:
    return {name for (name,) in database.execute(WRITERS)}
