"""Keeping the claims of a list while it is worked off, and giving them back when we are to stop."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from destinations.dispatch import claims as dispatch_claims
from destinations.dispatch import leases
from destinations.publishing import commands
from destinations.publishing.commands import Begin, ClaimLost, Postpone
from destinations.publishing.complete import Done
from destinations.publishing.job import Trip
from destinations.runtime import failpoints, shutdown
from destinations.runtime.event_loop import Asked

Claim = tuple[uuid.UUID, uuid.UUID]


class GivenBack(ClaimLost):
    """We are to stop, and gave it back ourselves."""


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Asks to leave the rest of a trip, whose checkpoint is saved, to another worker."""

    trip: Trip


class Kept:
    """The claims of one list. Used by the thread that owns the database."""

    def __init__(self, claims: Iterable[Claim], by: str) -> None:
        self._by = by
        #: None: not begun.
        self._trips: dict[Claim, Trip | None] = dict.fromkeys(claims)
        self._renewed_at = leases.now()

    def keep(self) -> None:
        """Lengthen the leases when it is time; told to stop, give back what is not begun.

        As long as this process is alive its claims are: nobody else begins what it holds.
        """
        if shutdown.is_told():
            self._give_back([key for key, trip in self._trips.items() if trip is None])
        if leases.seconds_since(self._renewed_at) >= settings.LEASE_SECONDS / 3:
            commands.patiently(self._renew)

    def record(self, group: Sequence[Asked]) -> None:
        """Do what was asked, and note what is begun and what is done."""
        commands.patiently(lambda: commands.record(group, self._by))
        for asked in group:
            request = asked.request
            if isinstance(request, Begin):
                self._begun((request.id, request.claim), asked.value)
            elif isinstance(request, GiveBack):
                self._give_back([request.trip.key])
            elif isinstance(request, Postpone):
                self._trips.pop(request.trip.key, None)
            elif isinstance(request, Done):
                self._trips.pop(request.trip.key, None)
                failpoints.reach(failpoints.RECORDED, request.trip.adapter.key)

    def _begun(self, claim: Claim, trip: Trip | None) -> None:
        # Without a trip it is not ours any more, or there is nothing to do with it now.
        self._trips.pop(claim, None)
        if trip:
            self._trips[trip.key] = trip

    def _renew(self) -> None:
        self._renewed_at = leases.now()
        for claim in dispatch_claims.renew(list(self._trips)):
            if trip := self._trips[claim]:
                trip.lease.confirm(self._renewed_at)

    def _give_back(self, claims: Collection[Claim]) -> None:
        commands.patiently(lambda: dispatch_claims.release(claims))
        for claim in claims:
            self._trips.pop(claim, None)
