"""Table settings compared by the lives of many destinations: room in pages, and autovacuum.

`python -m tests.bench.growth.lifecycles [destinations] [old] [setting …]`: for each setting as many
destinations as named go from their claim to published, in a table that holds `old` others. Each
step is the product's own statement, as in `tests.bench.steps`.

Autovacuum looks every ten seconds instead of every minute, because a run is short.
"""

import sys
import time
from collections.abc import Iterable
from datetime import timedelta

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

from django.db import connection
from django.utils import timezone

from tests.bench import load, postgres
from tests.bench.result import percentile
from tests.bench.steps import claim_all, query, take_through, watched

ACCOUNTS = 1000
BATCHES = 10
GROUP = 50
TABLES = ("destinations_destination", "destinations_attempt", "destinations_event", "posts_post")
TUNED = ("destinations_destination", "destinations_attempt", "posts_post")
RESET = (
    "autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,"
    " autovacuum_analyze_scale_factor, autovacuum_analyze_threshold"
)
AUTOVACUUM = (
    "autovacuum_vacuum_scale_factor = {0}, autovacuum_vacuum_threshold = 1000,"
    " autovacuum_analyze_scale_factor = {0}, autovacuum_analyze_threshold = 1000"
)
#: Per setting: the fillfactor of destinations, attempts and posts, and autovacuum's scale.
SETTINGS: dict[str, tuple[int, int, int, float | None]] = {
    "none": (100, 100, 100, None),
    "room": (85, 70, 100, None),
    "more room": (70, 50, 100, None),
    "room, posts too": (85, 70, 85, None),
    "room, vacuum at 5%": (85, 70, 100, 0.05),
    "room, vacuum at 2%": (85, 70, 100, 0.02),
}
STATE = """
    SELECT n_tup_upd, n_tup_hot_upd, n_dead_tup, pg_table_size(relid), pg_indexes_size(relid),
        autovacuum_count
    FROM pg_stat_user_tables WHERE relname = %s
"""


def main(destinations: int = 200_000, old: int = 300_000, *names: str) -> None:
    _execute("ALTER SYSTEM SET autovacuum_naptime = '10s'", "SELECT pg_reload_conf()")
    for name in names or SETTINGS:
        _prepare(name, old)
        claims, costs = _run(destinations)
        _print(name, claims, costs)
    _set(SETTINGS["room"])
    _execute("ALTER SYSTEM RESET autovacuum_naptime", "SELECT pg_reload_conf()")


def _execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _set(setting: tuple[int, int, int, float | None]) -> None:
    *factors, scale = setting
    for table, factor in zip(TUNED, factors, strict=True):
        _execute(
            f"ALTER TABLE {table} RESET ({RESET})",
            f"ALTER TABLE {table} SET (fillfactor = {factor})",
        )
        if scale is not None:
            _execute(f"ALTER TABLE {table} SET ({AUTOVACUUM.format(scale)})")


def _prepare(name: str, old: int) -> None:
    load.empty()
    _set(SETTINGS[name])
    workspace = load.workspace("old")
    load.published(workspace, load.accounts(workspace, 1)[0], old)
    _execute("VACUUM ANALYZE", "CHECKPOINT")
    postgres.reset()


def _run(destinations: int) -> tuple[list[float], dict[str, float]]:
    """The seconds of each claim, and what a destination cost."""
    workspace = load.workspace()
    accounts = load.accounts(workspace, ACCOUNTS)
    claims: list[float] = []
    costs: dict[str, float] = {}
    each = destinations // BATCHES
    started = time.monotonic()
    with watched(destinations, costs):
        for batch in range(BATCHES):
            due_at = timezone.now() - timedelta(seconds=1)
            load.posts(workspace, accounts, each, due_at, f"Batch {batch}")
            for claimed in _timed(claims):
                for start in range(0, len(claimed), GROUP):
                    take_through(claimed[start : start + GROUP])
    costs["per_second"] = destinations / (time.monotonic() - started)
    return claims, costs


def _timed(seconds: list[float]) -> Iterable:
    found = claim_all()
    while True:
        begun = time.perf_counter()
        claimed = next(found, None)
        if claimed is None:
            return
        seconds.append(time.perf_counter() - begun)
        yield claimed


def _print(name: str, claims: list[float], costs: dict[str, float]) -> None:
    half = len(claims) // 2
    print(
        f"{name}: {costs['per_second']:.0f}/s, PostgreSQL {costs['postgresql_ms']:.2f} ms each,"
        f" WAL {costs['wal_bytes'] / 1000:.1f} kB each; claims of 500:"
        f" p50 {percentile(claims, 50) * 1000:.1f} ms, p99 {percentile(claims, 99) * 1000:.1f} ms,"
        f" second half p50 {percentile(claims[half:], 50) * 1000:.1f} ms"
    )
    query("SELECT pg_stat_force_next_flush() IS NULL")
    for table in TABLES:
        updates, hot, dead, size, indexes, vacuums = query(STATE, [table])[0]
        print(
            f"  {table}: HOT {100 * hot / max(updates, 1):.0f}% of {updates}, dead {dead},"
            f" table {size / 1e6:.0f} MB, indexes {indexes / 1e6:.0f} MB, autovacuums {vacuums}",
            flush=True,
        )


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:3]]
    main(*sizes, *sys.argv[3:])
