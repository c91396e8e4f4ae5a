"""When a destination ends that no answer ends: workers die at it, or it waits for too long.

Every begin is counted on its row, and whatever is recorded of it sets the count back. So a count
that grows tells of workers that died, whatever they died of. A worker takes everything down that it
had in flight: from the second death on, each other begin only puts the row off to a moment of its
own, so that whoever is innocent comes to an end before the one that kills comes back.

A death inside the begin itself is not counted, because its transaction is undone.
"""

import random
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F

from destinations.models import Destination
from platforms.registry import ADAPTERS

#: So many begins without a result are the last. Far more than bad luck brings: whoever restarts
#: workers all afternoon must not end the posts of that afternoon.
MOST_BEGINS = 18
#: Counts at which the row is put off instead of tried, and by how much at most.
SUSPECT = range(2, MOST_BEGINS, 2)
PAUSE_SECONDS = 60
#: What a destination that is due may wait for its account or its files, on any network.
LONGEST_WAIT = timedelta(
    seconds=max(adapter.retry.give_up_after_seconds for adapter in ADAPTERS.values())
)


def is_deadly(row: Destination) -> bool:
    return row.begun_count >= MOST_BEGINS


def pause_seconds(row: Destination) -> int:
    """How long a row at which workers died is put off this time; 0: it is begun."""
    return random.randint(1, PAUSE_SECONDS) if row.begun_count in SUSPECT else 0


def count(begun: Collection[uuid.UUID]) -> None:
    """Count a begin of these, which were begun before and make no move."""
    if begun:
        rows = Destination.objects.filter(pk__in=begun)
        rows.update(begun_count=F("begun_count") + 1)


def is_over(row: Destination, now: datetime) -> bool:
    """Whether a row that would have to wait longer has waited for its longest time."""
    return now - (row.begun_at or row.wanted_at) > LONGEST_WAIT
