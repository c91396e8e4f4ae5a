"""Delete what is old in bounded steps, for a while, as periodic tasks do."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from destinations.runtime.worker import shutdown

#: Rows of one statement.
BATCH = 1000
#: A run ends then; the next one goes on.
RUN_SECONDS = 60.0


class AgingRows(NamedTuple):
    """Rows of a log that are deleted some `days` after the time in their column `at`."""

    name: str
    table: str
    at: str
    days: Callable[[], int]


def in_steps(step: Callable[[], int], full: int, seconds: float | None = None) -> int:
    """Repeat a step until it does less than a full one, or the time is over; return the sum.

    Also ends when this worker is asked to stop.
    """
    until = time.monotonic() + (RUN_SECONDS if seconds is None else seconds)
    done, count = 0, full
    while count >= full and time.monotonic() < until and not shutdown.is_requested():
        count = step()
        done += count
    return done


def forget(
    rows: QuerySet[Any],
    age: str,
    before: datetime,
    *,
    delete: Callable[[Sequence[Any]], object] | None = None,
    batch: int | None = None,
) -> int:
    """Delete, for a while, the rows whose `age` is before that time; return how many.

    The rows are ordered by a column that rises with their age, and only the first ones are looked
    at, so a batch costs the same however long the table is. `delete` gets primary keys; without it
    the rows alone are deleted.
    """
    model, order = rows.model._default_manager, str(rows.query.order_by[0])
    full = batch or BATCH
    after: dict[str, Any] = {}

    def step() -> int:
        found = rows.filter(**after).values_list("pk", age, order)[:full]
        old = [(pk, place) for pk, at, place in found if at < before]
        if old:
            keys = [pk for pk, _ in old]
            delete(keys) if delete else model.filter(pk__in=keys).delete()
            # Dead entries of the index are not passed again.
            after[f"{order}__gte"] = old[-1][1]
        return len(old)

    return in_steps(step, full)
