"""Count what a pause holds or would hold, up to a bound, and lift its limits of time."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from destinations.dispatch import holds, queues
from destinations.models import Pause
from destinations.runtime import clock, database
from platforms.registry import ADAPTERS

Scope = Pause.Scope
#: A parameter of a statement.
Value = str | int | datetime | list[str] | None
#: Rows are counted up to this; one more means "at least".
MOST = 10_000
SOON = timedelta(hours=1)
#: Before every post.
EVER = datetime(1970, 1, 1, tzinfo=UTC)
#: After every post.
FAR = timedelta(days=10_000)
#: How many rows lose their limit in one transaction.
BATCH = 2000

# The rows that `dispatch.lateness` reads.
OF_NETWORKS = """
    SELECT d.* FROM unnest(%(networks)s::text[]) AS network CROSS JOIN LATERAL (
        SELECT d.* FROM destinations_destination d
        WHERE d.platform = network AND d.platform <> '' AND d.due_at IS NOT NULL
          AND d.wanted_at > %(since)s AND d.wanted_at <= %(until)s
        ORDER BY d.wanted_at LIMIT %(most)s
    ) AS d
"""
# An account's lanes, which only `destination_lane` can find (`dispatch.fairness`).
OF_ACCOUNTS = """
    SELECT d.* FROM destinations_account a
    JOIN unnest(%(queues)s::varchar[]) AS lane(queue)
        ON split_part(lane.queue, '.', 2) = a.platform
    CROSS JOIN LATERAL (
        SELECT d.* FROM destinations_destination d
        WHERE num_nonnulls(d.due_at) = 1
          AND (d.queue, d.workspace_id, d.account_number, d.due_at)
              > (lane.queue, a.workspace_id, a.id, %(since)s)
          AND (d.queue, d.workspace_id, d.account_number, d.due_at)
              <= (lane.queue, a.workspace_id, a.id, %(until)s)
        ORDER BY d.queue, d.workspace_id, d.account_number, d.due_at LIMIT %(most)s
    ) AS d
    WHERE {}
"""
ROWS = {
    Scope.INSTALLATION: OF_NETWORKS,
    Scope.NETWORK: OF_NETWORKS,
    Scope.WORKSPACE: OF_ACCOUNTS.format("a.workspace_id = %(target)s::uuid"),
    Scope.ACCOUNT: OF_ACCOUNTS.format("a.id = %(target)s::bigint"),
}
COUNT = f"""
    SELECT count(*), count(*) FILTER (WHERE not_after < %(now)s), min(wanted_at) FROM (
        SELECT wanted_at, not_after FROM ({{rows}}) AS d
        WHERE NOT {holds.has_begun("d")} LIMIT %(most)s
    ) AS counted
"""
# Locked in the order of their ids, as every move locks them.
LIFT = f"""
    WITH chosen AS MATERIALIZED (
        SELECT id FROM ({{rows}}) AS d
        WHERE NOT {holds.has_begun("d")} AND not_after IS NOT NULL LIMIT %(batch)s
    ), locked AS MATERIALIZED (
        SELECT d.id, d.status, d.not_after FROM destinations_destination d
        WHERE d.id IN (SELECT id FROM chosen) AND d.not_after IS NOT NULL ORDER BY d.id FOR UPDATE
    ), lifted AS (
        UPDATE destinations_destination d SET not_after = NULL, updated_at = %(now)s
        FROM locked WHERE d.id = locked.id
    )
    INSERT INTO destinations_event
        (destination_id, at, move, from_status, to_status, by, reason, attempt, request_id)
    SELECT id, %(now)s, 'lift_limit', status, status, %(by)s,
           'a pause held it; it is published although its limit was '
               || to_char(not_after AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC',
           NULL, %(request_id)s
    FROM locked ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class HeldCount:
    """Counts up to `MOST`; a larger one means that there are more."""

    due: int
    #: Of those that are due: how many fail as `missed_schedule` once they may begin.
    missed: int
    #: Due within the next hour.
    soon: int
    #: Since when the first one waits.
    oldest_at: datetime | None


def count(scope: str, target: str) -> HeldCount:
    """Return what a pause of this target holds now, or would hold."""
    now = clock.now()
    due, missed, oldest_at = _count(scope, target, EVER, now)
    soon, *_ = _count(scope, target, now, now + SOON)
    return HeldCount(due, missed, soon, oldest_at)


def next_of_account(number: int, most: int) -> list[uuid.UUID]:
    """Return the destinations of an account that are due next, in their order."""
    values = _values(Scope.ACCOUNT, str(number), EVER, clock.now() + FAR) | {"most": most}
    rows = f"SELECT id FROM ({ROWS[Scope.ACCOUNT]}) AS d ORDER BY due_at, id LIMIT %(most)s"
    return [key for (key,) in database.execute(rows, values)]


def due(pause: Pause) -> int:
    """Return how many posts it holds."""
    return int(_count(pause.scope, pause.target, EVER, clock.now())[0])


def lift_limits(pause: Pause, *, by: str, request_id: str = "") -> int:
    """Publish what it holds however late it is; call this before it is resumed. How many changed.

    Each row gets an event. A limit is the customer's word, so this is an operator's decision.
    """
    total = 0
    while True:
        now = clock.now()
        values: dict[str, Value] = {"now": now, "by": by, "request_id": request_id, "batch": BATCH}
        values |= {**_values(pause.scope, pause.target, EVER, now), "most": None}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LIFT.format(rows=ROWS[Scope(pause.scope)]), values)
            if not cursor.rowcount:
                return total
            total += cursor.rowcount


def _count(scope: str, target: str, since: datetime, until: datetime) -> tuple:
    values: dict[str, Value] = {"now": clock.now(), **_values(scope, target, since, until)}
    [counts] = database.execute(COUNT.format(rows=ROWS[Scope(scope)]), values)
    return counts


def _values(scope: str, target: str, since: datetime, until: datetime) -> dict[str, Value]:
    return {
        "networks": [target] if scope == Scope.NETWORK else list(ADAPTERS),
        "queues": list(queues.known()),
        "target": target,
        "since": since,
        "until": until,
        "most": MOST + 1,
    }
