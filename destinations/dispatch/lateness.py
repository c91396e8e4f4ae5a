"""Measure how late the attempts are that have not started: now minus `wanted_at`, per network.

`due_at` cannot tell: each claim moves it ahead by a lease, even if the claiming worker is frozen.
Posts of a rate limited account, and those that a pause holds, wait on purpose and are not late.
Lookups and polls of started attempts do not count.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from destinations.dispatch import paused
from destinations.models import Account
from platforms.registry import ADAPTERS

ACTIVE = "(SELECT active FROM pauses)"
# A paused network is not read. Otherwise one scan of the index `destination_wanted` per network, up
# to the first row that has not begun, is not paused, and whose account is not rate limited. Rows
# that have begun are few. What is held is read first, so that of thousands of its rows none reads
# its account.
OLDEST = f"""
    WITH pauses AS MATERIALIZED (SELECT ({paused.ACTIVE}) AS active),
    held AS MATERIALIZED (
        SELECT a.id FROM unnest(%(platforms)s::text[]) AS p(name) CROSS JOIN LATERAL (
            SELECT id FROM destinations_account
            WHERE platform = p.name AND held_until > statement_timestamp()
        ) a
    )
    SELECT p.platform, coalesce((
        SELECT extract(epoch FROM statement_timestamp() - d.wanted_at)
        FROM destinations_destination d
        WHERE ({ACTIVE} ?| ARRAY['installation:', 'network:' || p.platform]) IS NOT TRUE
          AND d.platform = p.platform AND d.wanted_at <= statement_timestamp()
          AND d.due_at IS NOT NULL AND d.platform <> ''
          AND (d.begun_at IS NULL OR d.next_retry_at IS NOT NULL)
          AND coalesce(d.account_id, 0) NOT IN (SELECT id FROM held)
          AND NOT {paused.covers(ACTIVE, "d")}
        ORDER BY d.wanted_at LIMIT 1
    ), 0)::float
    FROM unnest(%(platforms)s::text[]) AS p(platform)
"""

Query = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]


def oldest(query: Query | None = None) -> dict[str, float]:
    """Return how late the oldest attempt of each network is, in seconds; 0 where none waits.

    `query` runs the statement on another connection than Django's.
    """
    rows = (query or _query)(OLDEST, {"platforms": list(ADAPTERS)})
    return dict(rows)


def is_late(now: datetime) -> Q:
    """Return the late rows as a filter for lists and counts. Asks what is paused."""
    # Not a join, which the planner may nest: thousands of rows would each read every account.
    held = Account.objects.filter(held_until__gt=now).order_by().values("pk")
    return _has_not_begun(now) & ~Q(account__in=held) & ~paused.is_held()


def waits_for_pause(now: datetime) -> Q:
    """Return what would have begun if nothing were paused, as a filter too."""
    return _has_not_begun(now) & paused.is_held()


def _has_not_begun(now: datetime) -> Q:
    not_begun = Q(begun_at__isnull=True) | Q(next_retry_at__isnull=False)
    return not_begun & Q(platform__in=list(ADAPTERS), wanted_at__lte=now, due_at__isnull=False)


def _query(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
