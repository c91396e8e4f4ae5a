"""Works on what repeats and is due, for a while, each row by one process at a time.

A row is taken by moving its `look_at`, in a transaction of its own: one at which a process dies or
fails comes again later and holds up no other. Then it is locked while its posts are made.
"""

import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction

from destinations.runtime import clock, failpoints
from posts.features.repeating.models import Repeating

Row = TypeVar("Row", bound=Repeating)

#: A run goes on for at most so long; the next one continues.
RUN_SECONDS = 20.0
#: When a row is taken again that was taken and not dealt with.
LEASE = timedelta(minutes=1)


def run(model: type[Row], work: Callable[[Row, datetime], int]) -> int:
    """Have `work` done on rows that are due; how many posts were made.

    `work` gets a locked row and the time, saves the row, and returns how many posts it made.
    """
    until, made = time.monotonic() + RUN_SECONDS, 0
    while time.monotonic() < until and (key := _take(model)):
        made += _advance(model, key, work)
    return made


@transaction.atomic
def _take(model: type[Row]) -> uuid.UUID | None:
    """The row that has waited longest, which no other process takes for the time of LEASE."""
    now = clock.now()
    due = model._default_manager.filter(look_at__lte=now).order_by("look_at")
    row = due.select_for_update(skip_locked=True, no_key=True).first()
    if row is None:
        return None
    row.look_at = now + LEASE
    row.save(update_fields=["look_at"])
    key: uuid.UUID = row.pk
    return key


@transaction.atomic
def _advance(model: type[Row], key: uuid.UUID, work: Callable[[Row, datetime], int]) -> int:
    rows = model._default_manager.filter(pk=key, look_at__isnull=False)
    row = rows.select_for_update(skip_locked=True, no_key=True).first()
    if row is None:
        return 0
    made = work(row, clock.now())
    failpoints.reach(failpoints.REPEATING, "")
    return made
