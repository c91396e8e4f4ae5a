"""Claims: the right to work on due rows, until the lease ends.

Which rows a claim takes is decided by one statement (`fairness.py`). The rows of a rate limited
account wait, but not for ever: a row that has waited for too long is claimed all the same, and
fails.

A stopped process (a signal, a paused machine, a laptop asleep) resumes with work half done, and
its lease may have ended long ago. So a `Lease` is not trusted until its end, and what is left of it
is measured from before the database was asked, by whichever clock ran furthest: one clock stands
still while a machine sleeps, another may be set back. An announced call may leave for a short while
only, which no renewal extends, so that others need not wait for the end of the lease.
"""

import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from destinations import public_ids
from destinations.dispatch import fairness, holds, queues
from destinations.state import attempts, lease_sql
from platforms.registry import ADAPTERS

#: In how many seconds the next row is due; no row without ticks. A lease that ends counts.
NEXT_DUE = """
SELECT extract(epoch FROM next.due_at - clock_timestamp())::float
FROM destinations_heartbeat h CROSS JOIN LATERAL (
    SELECT d.due_at FROM destinations_destination d
    WHERE d.due_at > statement_timestamp() AND d.due_at <= h.at + %(ahead)s::interval
    ORDER BY d.due_at LIMIT 1
) AS next
WHERE h.id = 1
"""

#: The last part of a lease is for the request to reach the network before another worker may look
#: there. A step leaves two thirds at least, and each third a whole lease is granted again.
UNSAFE_PART = 1 / 3
#: The part of a lease within which an announced call leaves, or never does.
DEPARTURE_PART = 1 / 3
#: Runs while the machine sleeps; not every system has it.
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Claimed(NamedTuple):
    """The right to work on a destination until its lease ends, with its queue and account."""

    id: uuid.UUID
    claim: uuid.UUID
    queue: str
    account_id: int | None

    @property
    def key(self) -> tuple[uuid.UUID, uuid.UUID]:
        return self.id, self.claim

    @property
    def public_id(self) -> str:
        return public_ids.encode(public_ids.DESTINATION, self.id)

    @property
    def platform(self) -> str:
        return self.queue.split(".")[1]


class ClockReading(NamedTuple):
    """A point in time by every clock there is, in seconds."""

    running: float
    since_boot: float
    wall: float


def read_clocks() -> ClockReading:
    return ClockReading(time.monotonic(), time.clock_gettime(_BOOT_CLOCK), time.time())


def seconds_since(then: ClockReading) -> float:
    """Return how long ago that was, by the clock that says longest."""
    return max(after - before for before, after in zip(then, read_clocks(), strict=True))


def settled_at(sent_at: datetime) -> datetime:
    """Return from when on a call announced then has arrived or never will."""
    return sent_at + timedelta(seconds=settings.LEASE_SECONDS * (DEPARTURE_PART + UNSAFE_PART))


class Lease:
    """The lease of one claim; not trusted until it is confirmed."""

    def __init__(self) -> None:
        # One value, because one thread confirms the lease while another asks for it.
        self._known: tuple[ClockReading, float] | None = None
        self._announced_at: ClockReading | None = None

    def confirm(self, asked_at: ClockReading, left_seconds: float) -> None:
        """Note how much of the lease the database, asked at that moment or later, left."""
        self._known = asked_at, left_seconds

    def announce(self, asked_at: ClockReading) -> None:
        """Note that the database, asked at that moment or later, recorded that a call leaves."""
        self._announced_at = asked_at

    def may_leave(self) -> bool:
        """Return whether the announced call may leave now."""
        window, at = settings.LEASE_SECONDS * DEPARTURE_PART, self._announced_at
        return at is not None and seconds_since(at) < window and self.is_certain()

    def is_certain(self) -> bool:
        """Return whether no other worker can have begun this work by now, or begins it soon."""
        if self._known is None:
            return False
        asked_at, left_seconds = self._known
        return seconds_since(asked_at) < left_seconds - settings.LEASE_SECONDS * UNSAFE_PART


@dataclass(slots=True)
class Sweep:
    """The position of a series of claims, and what its last claim left."""

    #: The lane behind which the next claim goes on, if more is due than a claim looks at.
    lane: tuple[str, str, int] = fairness.FIRST_LANE
    #: Whether the last claim took all that it may.
    is_full: bool = False
    #: Whether another claim may find more.
    has_more: bool = False
    #: Whether another session was claiming, so that this claim saw nothing.
    is_locked_out: bool = False
    #: Whether nothing was claimed because the database may have been restored.
    is_in_doubt: bool = False
    #: Whether a post may probe a network that is down, and whether a worker process is gone.
    awaits_probe: bool = False
    awaits_takeover: bool = False
    #: The number of the last claim that took something.
    count: int = 0


def claim(
    limit: int,
    sweep: Sweep | None = None,
    is_current: Callable[[int, int], bool] | None = None,
    full: Collection[str] = (),
) -> list[Claimed]:
    """Claim up to `limit` due rows, in turn; each lane's in their order.

    One claim runs at a time, because two would not see each other's lanes: while another one runs,
    this one takes nothing and does not wait. `is_current` is asked in the same transaction whether
    a database that knows of so many ticks and claims is up to date. Nothing is taken of queues that
    are `full`.
    """
    sweep = sweep or Sweep()
    sweep.is_full = sweep.has_more = False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(fairness.TRY_LOCK)
        is_ours, sweep.awaits_probe, sweep.awaits_takeover, *known, _ = cursor.fetchone()
        sweep.is_locked_out = not is_ours
        sweep.is_in_doubt = is_ours and is_current is not None and not is_current(*known)
        if sweep.is_locked_out or sweep.is_in_doubt:
            return []
        cursor.execute(fairness.CLAIM, claim_values(limit, sweep.lane, full))
        rows = cursor.fetchall()
    is_saturated, last, count, *_ = rows[0]
    claimed = [Claimed(*row[3:]) for row in rows] if count else []
    sweep.count = count or sweep.count
    sweep.lane = (last[0], last[1], int(last[2])) if last else fairness.FIRST_LANE
    sweep.is_full = len(claimed) == limit
    sweep.has_more = sweep.is_full or (is_saturated and bool(last or claimed))
    return claimed


def claim_values(
    limit: int, lane: tuple[str, str, int] = fairness.FIRST_LANE, full: Collection[str] = ()
) -> dict[str, str | int | list[str]]:
    """Return the parameters of the claim statement."""
    queue, workspace, account = lane
    return {
        "lease": f"{settings.LEASE_SECONDS} seconds",
        "look_ahead": settings.CLAIM_LOOK_AHEAD,
        "per_account": settings.CLAIM_PER_ACCOUNT,
        "ahead": settings.CLAIM_AHEAD,
        "share": max(1, settings.IN_FLIGHT // 2),
        "shared_networks": [key for key, each in ADAPTERS.items() if not each.has_one_server],
        "limit": limit,
        "longest": f"{holds.LONGEST_WAIT.total_seconds()} seconds",
        "networks": list(ADAPTERS),
        "queues": list(queues.known()),
        "full": list(full),
        "lanes": fairness.LANES,
        "queue": queue,
        "workspace": workspace,
        "account": account,
    }


def seconds_to_next_due() -> float | None:
    """Return the seconds until the next row is due; None if that is after a tick and a half.

    Without ticks nothing is announced: an operator disables them to stop publishing.
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT_DUE, {"ahead": f"{1.5 * settings.TICK_SECONDS} seconds"})
        found = cursor.fetchone()
    return found[0] if found else None


def rotate_claims(
    claims: Collection[tuple[uuid.UUID, uuid.UUID, uuid.UUID]], by: str
) -> set[uuid.UUID]:
    """Begin these (id, claim, new claim) once more, under their new claims; the ids still ours.

    One that has its new claim already was begun so, and is not counted again.
    """
    if not claims:
        return set()
    sql = f"""
        WITH moved AS (
            UPDATE destinations_destination d
            SET claim = v.new, due_at = {lease_sql.EXTENDED},
                begun_count = begun_count + (d.claim <> v.new)::int
            FROM unnest(%(ids)s::uuid[], %(claims)s::uuid[], %(new)s::uuid[]) AS v(id, held, new)
            WHERE d.id = v.id AND d.claim = v.held
            RETURNING d.id, d.attempts
        ), continued AS ({attempts.CONTINUE})
        SELECT id FROM moved
    """
    ids, held, new = (list(each) for each in zip(*claims, strict=True))
    lease = f"{settings.LEASE_SECONDS} seconds"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": ids, "claims": held, "new": new, "lease": lease, "by": by})
        return {pk for (pk,) in cursor.fetchall()}


def renew(claims: Collection[tuple[uuid.UUID, uuid.UUID]]) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Grant these (id, claim) pairs a whole lease from now; those that are still ours.

    A row that another transaction has locked is left out instead of waited for: the others are not
    to lapse with it. While it is locked no other worker can claim it either.
    """
    return _set_due("statement_timestamp() + %(lease)s::interval", "d.claim", claims, RENEWABLE)


def release(
    claims: Collection[tuple[uuid.UUID, uuid.UUID]],
    *,
    after_seconds: float = 0,
    until: datetime | None = None,
) -> None:
    """Release these (id, claim) pairs: unclaimed, and due after a pause, at a time, or at once, in
    their old places.
    """
    due_at = "LEAST(COALESCE(d.lane_at, d.wanted_at), statement_timestamp())"
    if after_seconds:
        due_at = f"statement_timestamp() + interval '{after_seconds} seconds'"
    elif until:
        due_at = f"timestamptz '{until.isoformat()}'"
    _set_due(due_at, "NULL", claims)


#: In the order of all who lock destinations.
RENEWABLE = """
    AND d.id = ANY (ARRAY(
        SELECT r.id FROM destinations_destination r WHERE r.id = ANY (%(ids)s::uuid[])
        ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED))
"""


def _set_due(
    due_at: str,
    claim_sql: str,
    claims: Collection[tuple[uuid.UUID, uuid.UUID]],
    condition: str = "",
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    if not claims:
        return []
    sql = f"""
        UPDATE destinations_destination d SET due_at = {due_at}, claim = {claim_sql}
        FROM unnest(%(ids)s::uuid[], %(claims)s::uuid[]) AS v(id, held)
        WHERE d.id = v.id AND d.claim = v.held {condition}
        RETURNING v.id, v.held
    """
    ids, held = zip(*claims, strict=True)
    lease = f"{settings.LEASE_SECONDS} seconds"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": list(ids), "claims": list(held), "lease": lease})
        return list(cursor.fetchall())
