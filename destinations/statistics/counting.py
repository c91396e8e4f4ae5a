"""Count new events, each once: into their minute, and into the totals since the beginning.

Every event is read once, by primary key. Refreshes of tokens are counted in the transaction that
stores what came of them.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from destinations.jobs import new_events
from destinations.models import OutcomeCount, StatisticsProgress
from destinations.runtime import clock, database
from destinations.statistics.histogram import BOUNDS

#: A run goes on for at most so long; the next one continues.
RUN_SECONDS = 3.0
#: How long minutes are kept. Totals are kept for good.
RETENTION = timedelta(days=14)
#: The most rows of a table that a run deletes.
DELETED_ROWS = 5_000

#: The moves that are outcomes of a try.
KINDS = {
    "succeed": "published",
    "confirm_late": "published",
    "retry_soon": "retried",
    "retry": "retried",
    "put_back": "retried",
    "mark_unconfirmed": "unconfirmed",
    "fail": "failed",
    "refuse": "failed",
    "mark_possibly_published": "failed",
}
#: The result of a lookup, by the move. Giving up without another one counts as failed.
RESULTS = {
    "succeed": "found",
    "check_again": "asked_again",
    "retry_soon": "retried",
    "retry": "retried",
    "fail": "failed",
}


def _case(column: str, words: dict[str, str]) -> str:
    whens = " ".join(f"WHEN '{move}' THEN '{word}'" for move, word in words.items())
    return f"CASE {column} {whens} END"


def _moves(words: dict[str, str]) -> str:
    return ", ".join(f"'{move}'" for move in words)


# Rows are fetched one by one, so that the planner has no join to choose. The code of a refusal is
# only in its row; that of an attempt stays what it was.
NEW = f"""
    SELECT date_trunc('minute', e.at) AS minute, e.move, e.from_status, d.platform,
        d.account_number,
        CASE WHEN e.move = 'refuse' THEN d.error_code WHEN e.move = 'mark_unconfirmed' THEN ''
             ELSE coalesce(a.outcome, '') END AS code,
        CASE WHEN e.move = 'start' THEN a.started_at - a.wanted_at END AS lag,
        CASE WHEN e.move = 'succeed' THEN e.at - a.started_at END AS took
    FROM destinations_event e
    CROSS JOIN LATERAL (
        SELECT platform, account_number, error_code FROM destinations_destination
        WHERE id = e.destination_id OFFSET 0
    ) d
    LEFT JOIN LATERAL (
        SELECT outcome, wanted_at, started_at FROM destinations_attempt
        WHERE destination_id = e.destination_id AND number = e.attempt OFFSET 0
    ) a ON true
    WHERE e.id > %(after)s AND e.id <= %(upto)s
      AND e.move IN ('start', {_moves(KINDS | RESULTS)})
"""
# Grouped twice: by all, and again into minutes and the totals, whose minute is null.
HAPPENED = f"""
    SELECT minute, platform, {_case("move", KINDS)} AS kind,
        CASE WHEN {_case("move", KINDS)} = 'published' THEN '' ELSE code END AS code,
        account_number FROM new WHERE move IN ({_moves(KINDS)})
    UNION ALL
    SELECT minute, platform, 'looked_up', {_case("move", RESULTS)}, account_number
    FROM new WHERE from_status = 'unconfirmed' AND move IN ({_moves(RESULTS)})
"""
COUNTS = """
    SELECT minute, platform, kind, code, sum(n), min(low), max(high) FROM (
        SELECT minute, platform, kind, code, count(*) AS n, min(account_number) AS low,
            max(account_number) AS high
        FROM happened GROUP BY minute, platform, kind, code
    ) counted
    GROUP BY GROUPING SETS ((minute, platform, kind, code), (platform, kind, code))
    HAVING grouping(minute) = 1 OR minute >= %(keep)s
    -- In one order, as `refreshes` adds to the same rows.
    ORDER BY minute, platform, kind, code
"""
LASTED = """
    SELECT minute, platform, 'lag' AS measure, lag AS lasted FROM new WHERE lag IS NOT NULL
    UNION ALL
    SELECT minute, platform, 'publish', took FROM new WHERE took IS NOT NULL
"""
#: Negated, because `width_bucket` includes an interval's lower end, and we include the upper one.
THRESHOLDS = ", ".join(str(-bound) for bound in reversed(BOUNDS))
PLACES = ", ".join(
    f"coalesce(sum(n) FILTER (WHERE place = {place}), 0)" for place in range(len(BOUNDS) + 1)
)
DURATIONS = f"""
    SELECT minute, platform, measure, ARRAY[{PLACES}]::bigint[], sum(seconds) FROM (
        SELECT minute, platform, measure, count(*) AS n, sum(seconds) AS seconds,
            {len(BOUNDS)} - width_bucket(-seconds, ARRAY[{THRESHOLDS}]::float[]) AS place
        FROM (SELECT minute, platform, measure,
                  greatest(extract(epoch FROM lasted), 0)::float AS seconds FROM lasted) measured
        GROUP BY minute, platform, measure, place
    ) counted
    GROUP BY GROUPING SETS ((minute, platform, measure), (platform, measure))
    HAVING grouping(minute) = 1 OR minute >= %(keep)s
"""
COUNT = f"""
    WITH new AS MATERIALIZED ({NEW}), happened AS ({HAPPENED}), lasted AS ({LASTED}),
    outcomes AS (
        INSERT INTO destinations_outcomecount AS kept
            (minute, platform, kind, code, count, lowest_account, highest_account)
        {COUNTS} ON CONFLICT (minute, platform, kind, code) DO UPDATE SET
            count = kept.count + excluded.count,
            lowest_account = least(kept.lowest_account, excluded.lowest_account),
            highest_account = greatest(kept.highest_account, excluded.highest_account)
    )
    INSERT INTO destinations_durationhistogram AS kept (minute, platform, measure, counts, seconds)
    {DURATIONS} ON CONFLICT (minute, platform, measure) DO UPDATE SET
        counts = ARRAY(SELECT a + b FROM unnest(kept.counts, excluded.counts)
                       WITH ORDINALITY AS t(a, b, place) ORDER BY place),
        seconds = kept.seconds + excluded.seconds
"""
DELETE = """
    DELETE FROM {table} WHERE id IN (
        SELECT id FROM {table} WHERE minute < %(keep)s ORDER BY minute LIMIT %(rows)s
    )
"""
TABLES = ("destinations_outcomecount", "destinations_durationhistogram")


def run() -> None:
    """Count what is new, for at most RUN_SECONDS, and delete what is too old."""
    now = clock.now()

    def count(after: int, upto: int) -> None:
        database.execute(COUNT, {"after": after, "upto": upto, "keep": now - RETENTION})

    if new_events.each_once(StatisticsProgress, count, seconds=RUN_SECONDS):
        StatisticsProgress.objects.update(counted_at=now)
    _forget(now)


def _forget(now: datetime) -> None:
    for table in TABLES:
        database.execute(
            DELETE.format(table=table), {"keep": now - RETENTION, "rows": DELETED_ROWS}
        )


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


def count_refreshes(refreshes: Iterable[Refresh]) -> None:
    """Add these, in the caller's transaction."""
    found = Counter(refreshes)
    if not found:
        return
    database.execute(
        ADD,
        {
            "platforms": [each.platform for each in found],
            "kinds": [str(Kind.NOT_REFRESHED if each.code else Kind.REFRESHED) for each in found],
            "codes": [each.code for each in found],
            "counts": list(found.values()),
            "now": clock.now(),
        },
    )
