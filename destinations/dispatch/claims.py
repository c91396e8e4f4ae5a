"""Claims: the right to work on due rows, until the lease ends.

Fairness and order: one claim takes a few rows per account, oldest first, and none of an account
that already has rows in flight. So 50,000 due posts of one account delay no other account, and an
account's posts go out one after the other. The rows of a rate limited account wait, but not for
ever: a row that has waited for too long is claimed all the same, and fails.

A stopped process (a signal, a paused machine, a laptop asleep) resumes with work half done, and
its lease may have ended long ago. So a `Lease` is not trusted until its end, and what is left of it
is measured from before the database was asked, by whichever clock ran furthest: one clock stands
still while a machine sleeps, another may be set back.
"""

import time
import uuid
from collections.abc import Collection
from typing import NamedTuple

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from destinations import public_ids
from destinations.dispatch import crash_loop
from destinations.state import leases

#: One claim at a time, among the advisory locks of this database.
CLAIM_LOCK = 0x646F7665
#: How long new rows wait for another claim to finish; a claim takes about 20 ms.
CLAIM_LOCK_WAIT = "250ms"
#: The lock is taken before the claim's snapshot, because a claim must see all earlier claims.
TRY_LOCK = f"SELECT pg_try_advisory_xact_lock({CLAIM_LOCK})"
WAIT_FOR_LOCK = f"""
SELECT set_config('lock_timeout', '{CLAIM_LOCK_WAIT}', true),
       pg_advisory_xact_lock({CLAIM_LOCK}) IS NOT NULL
"""
# Statistics are stale exactly when many rows fall due, and the planner then expects one row. So no
# step joins two sets that the planner could nest: membership is a hashed subplan (its LIMIT keeps
# the estimate small enough to be hashed), and each row is locked by its own lookup of the whole
# index key, if it has not moved since.
CLAIM = """
WITH busy AS MATERIALIZED (
    SELECT DISTINCT account_id FROM destinations_destination
    WHERE due_at > statement_timestamp()
      AND due_at <= statement_timestamp() + %(lease)s::interval AND claim IS NOT NULL
      AND account_id IS NOT NULL
), due AS MATERIALIZED (
    SELECT d.id, d.account_id, d.due_at
    FROM destinations_destination d
    LEFT JOIN destinations_account a ON a.id = d.account_id
    WHERE {which}
      AND (a.held_until IS NULL OR a.held_until <= statement_timestamp()
           OR COALESCE(d.begun_at, d.wanted_at) < statement_timestamp() - %(longest)s::interval)
      AND (d.account_id IS NULL
           OR d.account_id NOT IN (SELECT account_id FROM busy LIMIT 100000))
    ORDER BY d.due_at, d.id
    LIMIT %(look_ahead)s
), fair AS MATERIALIZED (
    SELECT id, due_at, row_number() OVER (PARTITION BY account_id ORDER BY due_at, id) AS priority
    FROM due
), chosen AS MATERIALIZED (
    SELECT id, due_at FROM fair WHERE priority <= %(per_account)s
    ORDER BY due_at, id
    LIMIT %(limit)s
), locked AS MATERIALIZED (
    SELECT chosen.id, chosen.due_at AS was_due_at
    FROM chosen CROSS JOIN LATERAL (
        SELECT FROM destinations_destination d
        WHERE d.id = chosen.id AND d.due_at = chosen.due_at
        FOR UPDATE SKIP LOCKED
    ) AS lock
), claimed AS (
    UPDATE destinations_destination d
    SET claim = gen_random_uuid(), due_at = statement_timestamp() + %(lease)s::interval
    FROM locked WHERE d.id = locked.id
    RETURNING d.id, d.claim, d.queue, d.account_id, locked.was_due_at
)
SELECT id, claim, queue, account_id FROM claimed ORDER BY was_due_at, id
"""
IS_DUE = "d.due_at <= statement_timestamp()"
ANY_DUE = CLAIM.format(which=IS_DUE)
#: Rows just composed or requeued, by id, and not yet claimed.
THESE = CLAIM.format(which=f"d.id = ANY(%(ids)s) AND {IS_DUE} AND d.claim IS NULL")

#: The last part of a lease is for the request to reach the network before another worker may look
#: there. A step leaves two thirds at least, and each third a whole lease is granted again.
UNSAFE_PART = 1 / 3
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
    """How long ago that was, by the clock that says longest."""
    return max(after - before for before, after in zip(then, read_clocks(), strict=True))


class Lease:
    """The lease of one claim; not trusted until it is confirmed."""

    def __init__(self) -> None:
        # One value, because one thread confirms the lease while another asks for it.
        self._known: tuple[ClockReading, float] | None = None

    def confirm(self, asked_at: ClockReading, left_seconds: float) -> None:
        """The database, asked at that moment or later, answered that so much of it is left."""
        self._known = asked_at, left_seconds

    def is_certain(self) -> bool:
        """Whether no other worker can have begun this work by now, or begins it soon."""
        if self._known is None:
            return False
        asked_at, left_seconds = self._known
        return seconds_since(asked_at) < left_seconds - settings.LEASE_SECONDS * UNSAFE_PART


def claim(limit: int, ids: Collection[uuid.UUID] | None = None) -> list[Claimed]:
    """Claim up to `limit` due rows, or those of `ids`; oldest first.

    One claim runs at a time, because two would not see each other's accounts. While another claim
    runs, this one takes nothing; for `ids` it first waits for a moment.
    """
    sql = ANY_DUE if ids is None else THESE
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(TRY_LOCK if ids is None else WAIT_FOR_LOCK)
            if not cursor.fetchone()[-1]:
                return []
            cursor.execute(sql, claim_values(limit, ids or ()))
            return [Claimed(*row) for row in cursor.fetchall()]
    except OperationalError as failure:
        if isinstance(failure.__cause__, LockNotAvailable):
            return []
        raise


def claim_values(
    limit: int, ids: Collection[uuid.UUID] = ()
) -> dict[str, str | int | list[uuid.UUID]]:
    """The parameters of the claim statement."""
    return {
        "lease": f"{settings.LEASE_SECONDS} seconds",
        "look_ahead": settings.CLAIM_LOOK_AHEAD,
        "per_account": settings.CLAIM_PER_ACCOUNT,
        "limit": limit,
        "longest": f"{crash_loop.LONGEST_WAIT.total_seconds()} seconds",
        "ids": list(ids),
    }


def rotate_claims(claims: Collection[tuple[uuid.UUID, uuid.UUID, uuid.UUID]]) -> set[uuid.UUID]:
    """Begin these (id, claim, new claim) once more, under their new claims; the ids still ours."""
    if not claims:
        return set()
    sql = f"""
        UPDATE destinations_destination d
        SET claim = v.new, due_at = {leases.EXTENDED}, begun_count = begun_count + 1
        FROM unnest(%(ids)s::uuid[], %(claims)s::uuid[], %(new)s::uuid[]) AS v(id, held, new)
        WHERE d.id = v.id AND d.claim = v.held
        RETURNING d.id
    """
    ids, held, new = (list(each) for each in zip(*claims, strict=True))
    lease = f"{settings.LEASE_SECONDS} seconds"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": ids, "claims": held, "new": new, "lease": lease})
        return {pk for (pk,) in cursor.fetchall()}


def renew(claims: Collection[tuple[uuid.UUID, uuid.UUID]]) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Grant these (id, claim) pairs a whole lease from now; those that are still ours."""
    return _set_due("statement_timestamp() + %(lease)s::interval", "d.claim", claims)


def release(claims: Collection[tuple[uuid.UUID, uuid.UUID]], *, after_seconds: float = 0) -> None:
    """Release these (id, claim) pairs: unclaimed, and due at once or after a pause."""
    _set_due(f"statement_timestamp() + interval '{after_seconds} seconds'", "NULL", claims)


def _set_due(
    due_at: str, claim_sql: str, claims: Collection[tuple[uuid.UUID, uuid.UUID]]
) -> list[tuple[uuid.UUID, uuid.UUID]]:
    if not claims:
        return []
    sql = f"""
        UPDATE destinations_destination d SET due_at = {due_at}, claim = {claim_sql}
        FROM unnest(%(ids)s::uuid[], %(claims)s::uuid[]) AS v(id, held)
        WHERE d.id = v.id AND d.claim = v.held
        RETURNING v.id, v.held
    """
    ids, held = zip(*claims, strict=True)
    lease = f"{settings.LEASE_SECONDS} seconds"
    with connection.cursor() as cursor:
        cursor.execute(sql, {"ids": list(ids), "claims": list(held), "lease": lease})
        return list(cursor.fetchall())
