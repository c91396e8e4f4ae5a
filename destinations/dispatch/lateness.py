"""How late the attempts that have not started are: now minus `wanted_at`, per network.

`due_at` cannot tell: each claim moves it ahead by a lease, even if the claiming worker is frozen.
Posts of a rate limited account wait on purpose and are not late. Lookups and polls of started
attempts do not count.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from platforms.registry import ADAPTERS

# One scan of the index `destination_wanted` per network, up to the first row that has not begun and
# whose account is not rate limited. Rows that have begun are few. The account is read row by row,
# so that the planner has no join to choose.
OLDEST = """
    SELECT p.platform, coalesce((
        SELECT extract(epoch FROM statement_timestamp() - d.wanted_at)
        FROM destinations_destination d
        WHERE d.platform = p.platform AND d.wanted_at <= statement_timestamp()
          AND d.due_at IS NOT NULL AND d.platform <> ''
          AND (d.begun_at IS NULL OR d.next_retry_at IS NOT NULL)
          AND ((SELECT a.held_until FROM destinations_account a WHERE a.id = d.account_id)
               > statement_timestamp()) IS NOT TRUE
        ORDER BY d.wanted_at LIMIT 1
    ), 0)::float
    FROM unnest(%(platforms)s::text[]) AS p(platform)
"""

Query = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]


def oldest(query: Query | None = None) -> dict[str, float]:
    """How late the oldest attempt of each network is, in seconds; 0 where none waits.

    `query` runs the statement on another connection than Django's.
    """
    rows = (query or _query)(OLDEST, {"platforms": list(ADAPTERS)})
    return dict(rows)


def is_late(now: datetime) -> Q:
    """The same rows, as a filter for lists and counts."""
    free = Q(account__held_until=None) | Q(account__held_until__lte=now)
    not_begun = Q(begun_at__isnull=True) | Q(next_retry_at__isnull=False)
    late = Q(platform__in=list(ADAPTERS), wanted_at__lte=now, due_at__isnull=False)
    return late & not_begun & free


def _query(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
