"""Tell which posts an erasure must leave alone: those whose network has not answered yet."""

import uuid

from django.db.models import Q

from destinations.models import Account, Deletion, Destination
from destinations.models.deletion import OPEN
from destinations.runtime import clock
from posts.features.erasing.models import Erasure

#: Claimed, or begun and waiting for a poll or a lookup. What was never begun, and a retry that
#: waits, is cancelled by deleting it. Each half has a small index of its own.
CLAIMED = Q(in_flight=True, claim__isnull=False)
AWAITS_NETWORK = Q(awaits_network=True)


def of(erasure: Erasure) -> Q:
    """Return the destinations, deletions and accounts' own rows that an erasure is about."""
    if erasure.scope == Erasure.Scope.WORKSPACE:
        return Q(workspace=erasure.target)
    return Q(workspace=erasure.workspace_of, account_number=int(erasure.target))


def posts(erasure: Erasure) -> set[uuid.UUID]:
    """Return the posts that are in flight, or whose public copies are being deleted."""
    mine = Destination.objects.filter(of(erasure)).order_by()
    asked = Deletion.objects.filter(of(erasure), status__in=OPEN)
    begun = (mine.filter(half).values_list("post", flat=True) for half in (CLAIMED, AWAITS_NETWORK))
    return set().union(*begun, asked.values_list("post_id", flat=True))


def accounts(erasure: Erasure) -> list[int]:
    """Return the numbers of the accounts that are erased."""
    if erasure.scope == Erasure.Scope.ACCOUNT:
        return [int(erasure.target)]
    mine = Account.objects.filter(workspace=erasure.target).order_by("pk")
    return list(mine.values_list("pk", flat=True))


def stop_refreshes(numbers: list[int]) -> bool:
    """Let no tokens be asked for any more; return whether none is under way.

    One that is would note in Redis what the network gave.
    """
    rows = Account.objects.filter(pk__in=numbers)
    rows.filter(is_refreshable=True).update(is_refreshable=False)
    return not rows.filter(refresh_claim__isnull=False, refresh_until__gt=clock.now()).exists()
