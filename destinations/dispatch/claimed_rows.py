"""Claimed destinations as a worker reads them: with account and open attempt, in one statement.

Plain tuples: a row of the ORM with its account costs several times as much to build, and every
publish reads one.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from destinations.dispatch import fairness, holds
from destinations.models import Destination
from destinations.runtime import database
from platforms.policy import retry

S = Destination.Status


class AccountRow(NamedTuple):
    """The columns of Account that publishing needs."""

    pk: int
    platform_account_id: str
    username: str
    credentials: str
    login: str
    scopes: list[str]
    token_expires_at: datetime | None
    is_active: bool
    needs_reconnection_since: datetime | None
    held_until: datetime | None
    doubt_until: datetime | None
    late_began_at: datetime | None
    late_wanted_at: datetime | None


class AttemptRow(NamedTuple):
    """The attempt of a begun destination that is not closed."""

    started_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    #: The end of the lease that a takeover took from a call that carries files.
    lease_until: datetime | None
    #: What its process said of a lost answer.
    error: str


class ClaimedRow(NamedTuple):
    """The columns of Destination that publishing needs; `account` is None if it was removed."""

    pk: uuid.UUID
    claim: uuid.UUID
    post_id: uuid.UUID
    workspace_id: uuid.UUID
    account_name: str
    platform: str
    draft: dict[str, Any]
    status: str
    wanted_at: datetime
    not_after: datetime | None
    attempts: int
    failures: int
    lookups: int
    begun_count: int
    begun_at: datetime | None
    next_retry_at: datetime | None
    checkpoint: str
    error: str
    error_code: str
    notes: list[str]
    request_id: str
    created_at: datetime
    updated_at: datetime
    #: An earlier post of its account is in flight, so it is not its turn.
    is_behind: bool
    #: A pause or an outage is in force that holds it if it has not begun.
    is_paused: bool
    #: It probes the network of an outage.
    is_probe: bool
    #: When the last pause ended that could have held it, if that may still matter.
    resumed_at: datetime | None
    account: AccountRow | None
    attempt: AttemptRow | None
    #: The claim under which its job works.
    new_claim: uuid.UUID

    @property
    def is_begun(self) -> bool:
        """Return `Destination.is_begun` for this row."""
        return self.status in (S.PUBLISHING, S.UNCONFIRMED) and self.next_retry_at is None

    @property
    def is_repeated(self) -> bool:
        """Return whether this start was committed before, and its acknowledgement lost."""
        return self.claim == self.new_claim

    def is_limited(self, now: datetime) -> bool:
        """Return whether the account was rate limited after the claim, before the row began."""
        return not self.is_begun and _is_later(self.account and self.account.held_until, now)

    def is_in_doubt(self, now: datetime) -> bool:
        """Return whether a lost answer of its account's last post is looked up first."""
        until = self.account and self.account.doubt_until
        is_soon = until is not None and until <= now + holds.LONGEST_DOUBT
        return not self.is_begun and is_soon and _is_later(until, now)

    def keeps_its_place(self, now: datetime) -> bool:
        """Return whether it gives its claim back: it is held, or it is not its turn."""
        is_paused = self.is_paused and not self.is_begun
        return self.is_behind or is_paused or self.is_in_doubt(now) or self.is_limited(now)


def _is_later(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now


def _columns(table: str, names: Sequence[str]) -> list[str]:
    return [f"{table}.{'id' if name == 'pk' else name}" for name in names]


# Objects by key, because a list of pauses would be searched for each row: a thousand that ended
# lately made PostgreSQL work twice as long.
PAUSES = f"""
    SELECT jsonb_object_agg(key, probes) FILTER (WHERE probes IS NOT NULL) AS in_force,
           jsonb_object_agg(key, ended_at) FILTER (WHERE ended_at IS NOT NULL) AS ended
    FROM (
        SELECT key, jsonb_agg(probe) FILTER (WHERE resumed_at IS NULL) AS probes,
               max(resumed_at) AS ended_at
        FROM ({holds.PAUSES}) AS every_pause GROUP BY key
    ) AS by_key
"""
KEY = f"unnest({holds.keys('d')}) AS key"
PROBE = f"{KEY}, jsonb_array_elements(in_force -> key) AS probe"
DESTINATION = [
    *_columns("d", ClaimedRow._fields[:-7]),
    f"d.account_id IS NOT NULL AND {fairness.is_behind('d')}",
    f"in_force IS NOT NULL AND EXISTS (SELECT FROM {PROBE} WHERE probe <> to_jsonb(d.id))",
    f"in_force IS NOT NULL AND EXISTS (SELECT FROM {PROBE} WHERE probe = to_jsonb(d.id))",
    f"CASE WHEN ended IS NOT NULL THEN (SELECT max((ended ->> key)::timestamptz) FROM {KEY}) END",
]
ACCOUNT = _columns("a", AccountRow._fields)
ATTEMPT = _columns("t", AttemptRow._fields)
DRAFT, NOTES = ClaimedRow._fields.index("draft"), ClaimedRow._fields.index("notes")
READ = f"""
WITH pauses AS MATERIALIZED ({PAUSES})
SELECT {", ".join((*DESTINATION, *ACCOUNT, *ATTEMPT))}
FROM pauses CROSS JOIN unnest(%(ids)s::uuid[], %(claims)s::uuid[]) AS v(id, held)
JOIN destinations_destination d ON d.id = v.id AND d.claim = v.held
    -- Not `due_at` alone, which would let the planner use every index of what has one.
    AND COALESCE(d.due_at > statement_timestamp(), false)
LEFT JOIN destinations_account a ON a.id = d.account_id
-- For what has not begun nothing is looked up: planned for an empty table, that reads all of it.
LEFT JOIN LATERAL (
    SELECT {", ".join(AttemptRow._fields)} FROM destinations_attempt
    WHERE {holds.has_begun("d")} AND destination_id = d.id AND number = d.attempts
        AND finished_at IS NULL
    LIMIT 1
) t ON true
WHERE {holds.GATE}
"""


def read(
    claims: Collection[tuple[uuid.UUID, uuid.UUID]],
    new_claims: Mapping[uuid.UUID, uuid.UUID] = MappingProxyType({}),
) -> list[ClaimedRow]:
    """Return the rows of these (id, claim) pairs that are still claimed so, and whose leases last;
    also those that have their new claim already, by id.

    No pause is committed from now until the end of the transaction (`holds.GATE`).
    """
    ids, held = (list(each) for each in zip(*claims, *new_claims.items(), strict=True))
    longest = f"{holds.LONGEST_WAIT.total_seconds()} seconds"
    values = {
        "ids": ids,
        "claims": held,
        "longest": longest,
        "longest_flight": max(retry.SOON, timedelta(seconds=settings.LEASE_SECONDS)),
    }
    return [_row(found, new_claims) for found in database.execute_prepared(READ, values)]


def _row(values: tuple[Any, ...], new_claims: Mapping[uuid.UUID, uuid.UUID]) -> ClaimedRow:
    account_at = len(DESTINATION)
    attempt_at = account_at + len(ACCOUNT)
    account, attempt = values[account_at:attempt_at], values[attempt_at:]
    row = ClaimedRow(
        *values[:account_at],
        account=AccountRow(*account) if account[0] is not None else None,
        attempt=AttemptRow(*attempt) if attempt[0] is not None else None,
        new_claim=new_claims.get(values[0]) or uuid.uuid4(),
    )
    # Django has psycopg leave JSON as text.
    return row._replace(draft=orjson.loads(values[DRAFT]), notes=orjson.loads(values[NOTES]))
