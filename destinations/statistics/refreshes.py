"""Counts refreshes of tokens, in the transaction that stores what came of them."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from destinations.models import OutcomeCount
from destinations.runtime import clock
from destinations.statistics import sql

Kind = OutcomeCount.Kind

# In one order, so that two processes never wait for each other.
ADD = """
    INSERT INTO destinations_outcomecount AS kept
        (minute, platform, kind, code, count, lowest_account, highest_account)
    SELECT minute, platform, kind, code, count, 0, 0
    FROM unnest(%(platforms)s::text[], %(kinds)s::text[], %(codes)s::text[], %(counts)s::bigint[])
        AS new(platform, kind, code, count),
        (VALUES (NULL), (date_trunc('minute', %(now)s::timestamptz))) AS minutes(minute)
    ORDER BY minute, platform, kind, code
    ON CONFLICT (minute, platform, kind, code) DO UPDATE SET count = kept.count + excluded.count
"""


class Refresh(NamedTuple):
    """The result of asking a network for new tokens; `code` is blank if it gave some."""

    platform: str
    code: str = ""


def count(refreshes: Iterable[Refresh]) -> None:
    """Add these, in the caller's transaction."""
    found = Counter(refreshes)
    if not found:
        return
    sql.execute(
        ADD,
        platforms=[each.platform for each in found],
        kinds=[str(Kind.NOT_REFRESHED if each.code else Kind.REFRESHED) for each in found],
        codes=[each.code for each in found],
        counts=list(found.values()),
        now=clock.now(),
    )
