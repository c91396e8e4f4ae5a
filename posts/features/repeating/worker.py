"""Works on what repeats and is due, for a while, each row by one process at a time.

The lease is a transaction of its own: a row at which a process dies or fails comes again later and
holds up no other. Then the row is locked while its posts are made.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime import clock, failpoints
from posts.features.repeating.models import Repeating

Row = TypeVar("Row", bound=Repeating)

#: A run goes on for at most so long; the next one continues.
RUN_SECONDS = 20.0
LEASE_SECONDS = 60.0


def run(model: type[Row], work: Callable[[Row, datetime], int]) -> int:
    """Have `work` done on rows that are due; how many posts were made.

    `work` gets a locked row and the time, saves the row, and returns how many posts it made.
    """
    rows = LeasedRows(model, seconds=LEASE_SECONDS, due="look_at", claim=None)
    until, made = time.monotonic() + RUN_SECONDS, 0
    while time.monotonic() < until and (claimed := rows.claim_one()):
        with transaction.atomic():
            if row := rows.hold(claimed):
                made += work(row, clock.now())
                failpoints.reach(failpoints.REPEATING, "")
    return made
