"""Count what is due and has not begun, by queue and workspace, and say how late it is by network.

Rows that a claim took keep their `wanted_at`, so a queue whose worker is frozen grows old here,
even while each lease moves `due_at` ahead. What waits on purpose is counted apart.

Lateness is now minus `wanted_at`. `due_at` cannot tell: each claim moves it ahead by a lease, even
if the claiming worker is frozen. Posts of a rate limited account, those that a pause holds, and
late ones that wait for their account's others (`pauses.spacing`) wait on purpose and are not late.
Lookups and polls of started attempts do not count.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from destinations.dispatch import holds
from destinations.models import Account
from platforms.registry import ADAPTERS

#: At most so many rows of a network are counted of each kind, the oldest first.
COUNTED_ROWS = 10_001
ACTIVE = "(SELECT active FROM pauses)"
# What is held is read first, so that no row of the others reads its account.
_HELD = """
    held AS MATERIALIZED (
        SELECT a.id FROM unnest(%(platforms)s::text[]) AS p(name) CROSS JOIN LATERAL (
            SELECT id FROM destinations_account
            WHERE platform = p.name AND held_until > statement_timestamp()
        ) a
    )"""
#: A row whose time has come, and that has not begun.
_HAS_NOT_BEGUN = """d.platform = p.platform AND d.wanted_at <= statement_timestamp()
          AND d.due_at IS NOT NULL AND d.platform <> ''
          AND (d.begun_at IS NULL OR d.next_retry_at IS NOT NULL)"""
#: And that waits on purpose, for a pause, an outage, a limit or its turn, as `is_on_hold` says.
_ON_HOLD = f"""(coalesce(d.account_id, 0) IN (SELECT id FROM held)
            OR (d.claim IS NULL AND d.due_at > statement_timestamp())
            OR {holds.covers(ACTIVE, "d")})"""
_IS_PAUSED = f"({ACTIVE} ?| ARRAY['installation:', 'network:' || p.platform]) IS TRUE"
_ROWS = "SELECT d.platform, d.queue, d.workspace_id, d.claim, d.wanted_at"

# As `_OLDEST` reads them. Of those on hold the oldest rows are read: they may be millions.
WAITING = f"""
    WITH pauses AS MATERIALIZED (SELECT ({holds.ACTIVE}) AS active),{_HELD},
    waiting AS MATERIALIZED (
        SELECT d.*, false AS is_on_hold FROM unnest(%(platforms)s::text[]) AS p(platform)
        CROSS JOIN LATERAL (
            {_ROWS} FROM destinations_destination d
            WHERE NOT ({_IS_PAUSED}) AND {_HAS_NOT_BEGUN} AND NOT {_ON_HOLD}
            ORDER BY d.wanted_at LIMIT %(rows)s
        ) d
        UNION ALL
        SELECT d.*, true FROM unnest(%(platforms)s::text[]) AS p(platform)
        CROSS JOIN LATERAL (
            {_ROWS} FROM (
                SELECT * FROM destinations_destination d
                WHERE {_HAS_NOT_BEGUN} ORDER BY d.wanted_at LIMIT %(rows)s
            ) d WHERE {_ON_HOLD}
        ) d
    )
    SELECT platform, queue, workspace_id,
        count(*) FILTER (WHERE NOT is_on_hold AND claim IS NULL),
        count(*) FILTER (WHERE NOT is_on_hold AND claim IS NOT NULL),
        coalesce(extract(epoch FROM statement_timestamp()
            - min(wanted_at) FILTER (WHERE NOT is_on_hold)), 0)::float,
        count(*) FILTER (WHERE is_on_hold)
    FROM waiting GROUP BY GROUPING SETS ((platform), (queue), (workspace_id))
"""


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """Destinations whose time has come and that have not begun."""

    #: They may begin, and no process has claimed them.
    unclaimed: int = 0
    #: They may begin. Their message is in Redis, or their worker has not begun with them.
    claimed: int = 0
    #: How long the oldest that may begin has waited; 0 without one.
    oldest_seconds: float = 0
    #: They wait for a pause, an outage or a limit to end, or for their account's others.
    on_hold: int = 0

    @property
    def count(self) -> int:
        """Return how many may begin."""
        return self.unclaimed + self.claimed


@dataclass(frozen=True, slots=True)
class Backlog:
    """The same rows by network, by queue and by workspace, at one moment."""

    queues: dict[str, WaitingCount]
    #: Workspaces with the most waiting rows first.
    workspaces: dict[uuid.UUID, WaitingCount]
    networks: dict[str, WaitingCount] = field(default_factory=dict)

    @property
    def is_at_least(self) -> bool:
        """Return whether more may wait than were counted."""
        found = self.networks.values()
        return any(max(each.count, each.on_hold) >= COUNTED_ROWS for each in found)


def read() -> Backlog:
    """Read the backlog by one query; it costs the same however many rows may begin."""
    values = {"rows": COUNTED_ROWS, "platforms": list(ADAPTERS)}
    rows = sorted(_query(WAITING, values), key=lambda row: (-row[3] - row[4], -row[6]))
    return Backlog(
        queues={queue: WaitingCount(*numbers) for _, queue, _, *numbers in rows if queue},
        workspaces={pk: WaitingCount(*numbers) for _, _, pk, *numbers in rows if pk},
        networks={key: WaitingCount(*numbers) for key, _, _, *numbers in rows if key},
    )


# A paused network is not read. Otherwise one scan of the index `destination_wanted` per network, up
# to the first row that has not begun, is not paused, and whose account is not rate limited. Rows
# that have begun are few. What is held is read first, so that of thousands of its rows none reads
# its account.
_OLDEST = f"""
    WITH pauses AS MATERIALIZED (SELECT ({{active}}) AS active),{_HELD}{{more}}
    SELECT p.platform, coalesce((
        SELECT extract(epoch FROM statement_timestamp() - d.wanted_at)
        FROM destinations_destination d
        WHERE NOT ({_IS_PAUSED}) AND {_HAS_NOT_BEGUN} AND NOT {_ON_HOLD}{{which}}
        ORDER BY d.wanted_at LIMIT 1
    ), 0)::float
    FROM unnest(%(platforms)s::text[]) AS p(platform)
"""
OLDEST = _OLDEST.format(active=holds.ACTIVE, more="", which="")
#: As if no outage lasted.
OLDEST_WITH_DOWN = _OLDEST.format(active=holds.ACTIVE_PAUSES, more="", which="")
#: What a pause, an outage, a limit or a missing worker held up goes out so soon after its end.
DRAINED_WITHIN = timedelta(minutes=10)
_DRAINED = f"interval '{DRAINED_WITHIN.total_seconds()} seconds'"
# Without the rows whose time came before the end of what held them up.
OLDEST_UNEXPLAINED = _OLDEST.format(
    active=holds.ACTIVE,
    more=f""",
    ended AS MATERIALIZED (
        SELECT jsonb_object_agg(key, at) AS by_key FROM (
            SELECT key, max(extract(epoch FROM at)) AS at FROM (
                SELECT scope || ':' || target AS key, resumed_at AS at FROM destinations_pause
                UNION ALL
                SELECT scope || ':' || target, closed_at FROM destinations_outage
                WHERE closed_at > statement_timestamp() - {_DRAINED}
                UNION ALL
                SELECT 'account:' || a.id, a.held_until
                FROM unnest(%(platforms)s::text[]) AS p(name) CROSS JOIN LATERAL (
                    SELECT id, held_until FROM destinations_account
                    WHERE platform = p.name AND held_until > statement_timestamp() - {_DRAINED}
                ) a
                UNION ALL
                SELECT * FROM unnest(%(keys)s::text[], %(ends)s::timestamptz[])
            ) each WHERE at > statement_timestamp() - {_DRAINED} GROUP BY key
        ) latest
    )""",
    which=f"""
          AND NOT EXISTS (
            SELECT FROM unnest({holds.keys("d")} || ('queue:' || d.queue)) AS k(key)
            WHERE ((SELECT by_key FROM ended) ->> k.key)::float >= extract(epoch FROM d.wanted_at)
          )""",
)

Query = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]


def oldest(query: Query | None = None, statement: str = OLDEST) -> dict[str, float]:
    """Return how late the oldest attempt of each network is, in seconds; 0 where none waits.

    `query` runs the statement on another connection than Django's.
    """
    rows = (query or _query)(statement, {"platforms": list(ADAPTERS)})
    return dict(rows)


def unexplained(ends: Mapping[str, datetime]) -> dict[str, float]:
    """Return the same without what waited for something that ended within DRAINED_WITHIN.

    `ends` has when other things ended that held posts up: by `installation:` or `queue:publish.x`.
    """
    values = {"platforms": list(ADAPTERS), "keys": list(ends), "ends": list(ends.values())}
    return dict(_query(OLDEST_UNEXPLAINED, values))


def is_late(now: datetime) -> Q:
    """Return what may begin, as a filter for lists and counts. Asks what is paused."""
    return _has_not_begun(now) & ~_waits_on_purpose(now)


def is_on_hold(now: datetime) -> Q:
    """Return what waits on purpose, as a filter too."""
    return _has_not_begun(now) & _waits_on_purpose(now)


def _waits_on_purpose(now: datetime) -> Q:
    # Not a join, which the planner may nest: thousands of rows would each read every account.
    held = Account.objects.filter(held_until__gt=now).order_by().values("pk")
    is_spaced = Q(claim__isnull=True, due_at__gt=now)
    return is_spaced | Q(account__in=held) | holds.is_held()


def _has_not_begun(now: datetime) -> Q:
    not_begun = Q(begun_at__isnull=True) | Q(next_retry_at__isnull=False)
    return not_begun & Q(platform__in=list(ADAPTERS), wanted_at__lte=now, due_at__isnull=False)


def _query(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
