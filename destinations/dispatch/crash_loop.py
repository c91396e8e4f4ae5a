"""Ends destinations that crash workers, or that wait for too long.

Every start is counted on its row, and every recorded result resets the count. So a growing count
means that workers died, for any reason. A dying worker takes down everything it had in flight.
Therefore, from the second death on, every other start only postpones the row, to a random moment:
innocent rows finish before the one that crashes workers comes back.

A death inside the start's own transaction is not counted, because it is rolled back.
"""

import random
import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import F

from destinations.dispatch.claimed_rows import ClaimedRow
from destinations.dispatch.holds import LONGEST_WAIT
from destinations.models import Destination

#: The most starts without a result. Far more than bad luck produces: restarting workers all
#: afternoon must not fail that afternoon's posts.
MAX_STARTS = 18
#: The counts at which the row is postponed, and the longest delay.
SUSPECT = range(2, MAX_STARTS, 2)
MAX_DELAY_SECONDS = 60


def is_crash_loop(row: ClaimedRow) -> bool:
    return row.begun_count >= MAX_STARTS


def delay_seconds(row: ClaimedRow) -> int:
    """Delay before retrying a row that crashed workers; 0: start it now."""
    return random.randint(1, MAX_DELAY_SECONDS) if row.begun_count in SUSPECT else 0


def count_starts(started: Collection[uuid.UUID]) -> None:
    """Count a start of these rows, which were started before and make no move."""
    if started:
        rows = Destination.objects.filter(pk__in=started)
        rows.update(begun_count=F("begun_count") + 1)


def has_waited_too_long(row: ClaimedRow, now: datetime) -> bool:
    """Return whether a waiting row has used up its longest wait. After a pause it begins anew."""
    since = row.begun_at or row.wanted_at
    if row.resumed_at and not row.is_begun:
        since = max(since, row.resumed_at)
    return now - since > LONGEST_WAIT
