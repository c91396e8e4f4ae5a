"""The admin's search among millions of destinations: how long, and by which plans.

Medians of a few searches for each kind of term, warm: with statistics, and without any, as right
after many rows were stored. None may read a large table from end to end.
`python -m tests.bench.scale.search [destinations]`
"""

import sys
from collections.abc import Iterator

from tests.bench.scale import pages  # isort: skip  # before Django's models

from django.db import connection

from config.admin import registration  # noqa: F401 - results link to the pages of rows
from config.admin.search import search
from destinations.models import Destination, Event
from tests.bench.result import Result, at_most, median
from tests.bench.scale import history, plans

TIMES, LIMIT_MS = 5, 300
TABLES = "SELECT oid FROM pg_class WHERE relkind = 'r' AND relname ~ '^(posts|destinations)_'"
FORGET = f"""
DELETE FROM pg_statistic WHERE starelid IN ({TABLES});
UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid IN ({TABLES})
"""


def terms() -> dict[str, str]:
    """What to search for, by what it is; all but the last two are there."""
    row = Destination.objects.filter(platform="instagram").exclude(platform_post_id="").first()
    request = Event.objects.exclude(request_id="").values_list("request_id", flat=True).first()
    assert row is not None
    assert request is not None
    return {
        "public id": row.public_id,
        "UUID": str(row.post_id),
        "network's id": row.platform_post_id,
        "link": f"{row.platform_post_url}?igsh=MzRl",
        "request id": request,
        "handle": row.account_name,
        "part of every handle": "handle",
        "workspace": row.workspace.name,
        "part of every file's name": "picture",
        "API key": "pe_live_",
        "rare word": row.post.content.rpartition(" ")[2],
        "word of one post in 2,000": "word77",
        "words of every text": "Our new range",
        "emoji": "🎉🎉",
        "nothing": "zwiebelkuchen",
    }


def measure(count: int) -> Iterator[tuple[str, float, float, int]]:
    """(kind of term, milliseconds with statistics, without, sequential scans of large tables)."""
    history.prepare(count)
    wanted = terms()
    known = {kind: _milliseconds(typed) for kind, typed in wanted.items()}
    scans = {kind: _scans(typed) for kind, typed in wanted.items()}
    try:
        _execute(FORGET)
        for kind, typed in wanted.items():
            yield kind, known[kind], _milliseconds(typed), scans[kind]
    finally:
        _execute("ANALYZE")


def _milliseconds(typed: str) -> float:
    search(typed, lambda model: True)
    return 1000 * median([search(typed, lambda model: True).seconds for _ in range(TIMES)])


def _scans(typed: str) -> int:
    """As the tables themselves count them: what was planned, and for which reason, is all one."""
    before = _counted()
    search(typed, lambda model: True)
    return _counted() - before


def _counted() -> int:
    """Sequential scans of large tables by this connection's transactions so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            "SELECT sum(s.seq_scan) FROM pg_stat_user_tables s"
            " JOIN pg_class c ON c.oid = s.relid WHERE c.reltuples > %s",
            [plans.LARGE_ROWS],
        )
        return int(cursor.fetchone()[0])


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def results(*, short: bool = False) -> list[Result]:
    rows = []
    for kind, known, unknown, scans in measure(pages.SHORT if short else pages.DESTINATIONS):
        rows += [
            Result(kind, known, "ms", bar=at_most(LIMIT_MS)),
            Result(f"{kind}, without statistics", unknown, "ms", bar=at_most(LIMIT_MS)),
        ]
        if scans:
            no = at_most(0)
            rows.append(Result(f"{kind}: sequential scans", scans, "", bar=no, margin=no))
    return rows


def main() -> None:
    print(f"{'term':28} {'ms':>8} {'without statistics':>20} {'scans':>6}")
    count = int(sys.argv[1]) if len(sys.argv) > 1 else pages.DESTINATIONS
    for kind, known, unknown, scans in measure(count):
        print(f"{kind:28} {known:8.1f} {unknown:20.1f} {scans:6}", flush=True)


if __name__ == "__main__":
    main()
