"""Work on what repeats and is due, for a while, each row by one process at a time.

A refusal is noted with its row, which is tried again after a growing pause.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.db import transaction

from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime import clock, database, failpoints
from posts.errors import RequestRefused
from posts.features.repeating.models import Repeating

Row = TypeVar("Row", bound=Repeating)

#: A run goes on for at most so long; the next one continues.
RUN_SECONDS = 20.0
LEASE_SECONDS = 60.0
CRASHED = RequestRefused("internal_error", "It could not be made; ask the operator.")


def run(model: type[Row], work: Callable[[Row, datetime], int]) -> int:
    """Have `work` done on rows that are due; how many posts were made.

    `work` gets a locked row and the time, saves the row, and returns how many posts it made.
    """
    rows = LeasedRows(model, seconds=LEASE_SECONDS, due="look_at", claim=None)
    until, made = time.monotonic() + RUN_SECONDS, 0
    while time.monotonic() < until and (claimed := rows.claim_one()):
        try:
            with transaction.atomic():
                if row := rows.hold(claimed):
                    made += work(row, clock.now())
                    failpoints.reach(failpoints.REPEATING, "")
        except Exception as failure:  # a bug of ours: the rows of others have their turn
            if database.is_away(failure):
                raise
            log.exception("repeating_failed", kind=model._meta.model_name, id=str(claimed.pk))
            _put_off(rows, claimed)
    return made


@transaction.atomic
def _put_off(rows: LeasedRows[Row], claimed: Row) -> None:
    if row := rows.hold(claimed):
        note_refusal(row, CRASHED)
        row.look_at = clock.now() + LATEST
        row.save()


log = structlog.get_logger()

SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=1)
#: Of what is left until the post's time.
PART = 4


def note_refusal(row: Repeating, refused: RequestRefused) -> None:
    """Set why it could not; the caller saves the row."""
    if (row.problem_code, row.problem) != (refused.code, refused.message):
        row.problem_since = clock.now()
        kind = type(row).__name__.lower()
        log.warning("repeating_refused", kind=kind, id=str(row.pk), code=refused.code)
    row.problem_code, row.problem = refused.code, refused.message


def clear_refusal(row: Repeating) -> None:
    row.problem_code, row.problem, row.problem_since = "", "", None


def retry_pause(left: timedelta) -> timedelta:
    """Return how long to wait before the next try, with so much time left."""
    return min(max(left / PART, SOONEST), LATEST)
