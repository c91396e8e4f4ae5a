"""Model time: seconds pass because every moment in the database moves back by them.

So leases, retries, lookups, limits, outages and signs of life keep their distances, and an hour of
them costs a few milliseconds.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import models, transaction

from destinations.models import (
    Account,
    Attempt,
    BusyWorker,
    Deletion,
    Destination,
    Event,
    Outage,
    Pause,
    UnansweredTry,
)
from posts.models import Post
from tests.psql import psql

MOVED = (
    *(Destination, Attempt, Event, Account, Outage, UnansweredTry, Pause, Deletion, BusyWorker),
    Post,
)
#: The next moment at which something that waits may go on, and the last one; in seconds from now.
AHEAD = """
SELECT extract(epoch FROM min(at) - clock_timestamp())::float,
       extract(epoch FROM max(at) - clock_timestamp())::float
FROM (
    SELECT due_at AS at FROM destinations_destination UNION ALL
    SELECT due_at FROM destinations_deletion UNION ALL
    SELECT held_until FROM destinations_account UNION ALL
    SELECT doubt_until FROM destinations_account UNION ALL
    SELECT probe_at FROM destinations_outage WHERE closed_at IS NULL
) waits WHERE at > clock_timestamp()
"""


def _moving_back(model: type[models.Model]) -> Iterator[str]:
    """Every moment that a row has, also those of columns that are made later."""
    names = [f.column for f in model._meta.concrete_fields if isinstance(f, models.DateTimeField)]
    sets = [f"{name} = {name} - make_interval(secs => {{0}})" for name in names]
    # A tick runs each second.
    sets += ["tick = tick - round({0})"] if model is BusyWorker else []
    yield f"UPDATE {model._meta.db_table} SET {', '.join(sets)}"


#: Without triggers: history may not be rewritten, and only here all of it is.
LATER = "; ".join(
    ["SET LOCAL session_replication_role = replica"]
    + [statement for model in MOVED for statement in _moving_back(model)]
)


class Clock:
    """Tells and moves model time, in seconds."""

    def __init__(self) -> None:
        #: How long it was moved; what a busy machine takes does not count.
        self.passed = 0.0

    def now(self) -> float:
        """As the database sees it."""
        return self.passed + time.monotonic()

    def date(self, moment: datetime) -> datetime:
        """This moment of the database, the same however much time passes."""
        return moment + timedelta(seconds=self.passed)

    def later(self, seconds: float) -> None:
        """Let so many seconds pass. Nothing else may run meanwhile."""
        with transaction.atomic():
            psql(LATER.format(seconds))
        self.passed += seconds

    def until_next(self) -> None:
        self.later((self._ahead()[0] or 60) + 0.01)

    def until_last(self) -> None:
        self.later((self._ahead()[1] or 0) + 0.01)

    def _ahead(self) -> tuple[float | None, float | None]:
        [(first, last)] = psql(AHEAD)
        return first, last
