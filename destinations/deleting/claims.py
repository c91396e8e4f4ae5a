"""Claims of deletions: the right to work on a due row until the lease ends."""

import uuid
from collections.abc import Collection
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection

CLAIM = """
WITH due AS (
    SELECT d.id FROM destinations_deletion d
    LEFT JOIN destinations_account a ON a.id = d.account_id
    WHERE d.due_at <= statement_timestamp() AND d.platform <> ALL(%(busy)s)
      AND (a.held_until IS NULL OR a.held_until <= statement_timestamp())
    ORDER BY d.due_at, d.id LIMIT %(limit)s
    FOR UPDATE OF d SKIP LOCKED
)
UPDATE destinations_deletion d
SET claim = gen_random_uuid(), due_at = statement_timestamp() + %(lease)s::interval
FROM due WHERE d.id = due.id
RETURNING d.id, d.claim, d.platform, d.post_id
"""


class ClaimedDeletion(NamedTuple):
    id: uuid.UUID
    claim: uuid.UUID
    platform: str
    post_id: uuid.UUID


def claim(limit: int, busy: Collection[str] = ()) -> list[ClaimedDeletion]:
    """Claim up to `limit` due deletions, except on networks that are `busy`.

    A rate limit that holds an account's posts holds its deletions too.
    """
    if limit <= 0:
        return []
    values: dict[str, Any] = {
        "limit": limit,
        "busy": list(busy),
        "lease": f"{settings.LEASE_SECONDS} seconds",
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return [ClaimedDeletion(*row) for row in cursor.fetchall()]
