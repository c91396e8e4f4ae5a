"""Final failures in groups of one network and one code.

Reads the index `destination_error`, one range per group, and stops beyond COUNTED_ROWS rows of it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from destinations.runtime import clock, database
from platforms.errors import CODES
from platforms.registry import ADAPTERS

DEFAULT_WINDOW = timedelta(days=1)
LONGEST_WINDOW = timedelta(days=7)
#: Of a larger group only that is known: its count is one more.
COUNTED_ROWS = 10_000

FAILED = """
    FROM destinations_destination
    WHERE platform = {platform} AND num_nonnulls(due_at) = 0 AND error_code = {code}
      AND error_code <> '' AND updated_at >= %(since)s
"""
OF_GROUP = FAILED.format(platform="p.platform", code="c.code")
GROUPS = f"""
    SELECT p.platform, c.code, counted.count, first.updated_at, last.updated_at, last.error, last.id
    FROM unnest(%(platforms)s::text[]) AS p(platform)
    CROSS JOIN unnest(%(codes)s::text[]) AS c(code)
    CROSS JOIN LATERAL (
        SELECT updated_at, error, id {OF_GROUP} ORDER BY updated_at DESC LIMIT 1
    ) last
    CROSS JOIN LATERAL (SELECT updated_at {OF_GROUP} ORDER BY updated_at LIMIT 1) first
    CROSS JOIN LATERAL (
        SELECT count(*) FROM (SELECT {OF_GROUP} ORDER BY updated_at LIMIT %(rows)s) rows
    ) counted
    ORDER BY counted.count DESC, last.updated_at DESC
"""
IDS = f"""
    SELECT id {FAILED.format(platform="%(platform)s", code="%(code)s")}
    ORDER BY updated_at LIMIT %(rows)s
"""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Destinations that failed for good on one network with one code."""

    platform: str
    code: str
    count: int
    first_seen: datetime
    last_seen: datetime
    #: The error of the newest, and its id.
    example: str
    example_id: uuid.UUID

    @property
    def is_at_least(self) -> bool:
        return self.count > COUNTED_ROWS

    @property
    def to_do(self) -> str:
        """Return how the next try can succeed."""
        return CODES[self.code].to_do


def groups(since: datetime | None = None) -> list[FailureGroup]:
    """Return groups of failures since then (by default DEFAULT_WINDOW ago), the largest first."""
    rows = database.execute(
        GROUPS,
        {
            "platforms": list(ADAPTERS),
            "codes": list(CODES),
            "since": _start(since),
            "rows": COUNTED_ROWS + 1,
        },
    )
    return [FailureGroup(*row) for row in rows]


def ids(
    platform: str, code: str, since: datetime | None = None, limit: int = COUNTED_ROWS
) -> list[uuid.UUID]:
    """Return the destinations of a group, the oldest failure first, at most `limit`."""
    rows = database.execute(
        IDS, {"platform": platform, "code": code, "since": _start(since), "rows": limit}
    )
    return [pk for (pk,) in rows]


def _start(since: datetime | None) -> datetime:
    now = clock.now()
    return max(since or now - DEFAULT_WINDOW, now - LONGEST_WINDOW)
