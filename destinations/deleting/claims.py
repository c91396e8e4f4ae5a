"""Claims of deletions: the right to work on a due row until the lease ends."""

from collections.abc import Collection

from django.conf import settings
from django.db.models import Q

from destinations.jobs.leased_rows import LeasedRows
from destinations.models import Deletion
from destinations.runtime import clock

ROWS = LeasedRows(Deletion, seconds=settings.LEASE_SECONDS)


def claim(limit: int, busy: Collection[str] = ()) -> list[Deletion]:
    """Claim up to `limit` due deletions, except on networks that are `busy`.

    A rate limit that holds an account's posts holds its deletions too.
    """
    free = Q(account__held_until=None) | Q(account__held_until__lte=clock.now())
    rows = Deletion.objects.filter(free).exclude(platform__in=busy)
    return ROWS.claim(limit, rows.order_by("due_at", "id"))
