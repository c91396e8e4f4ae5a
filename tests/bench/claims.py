"""Claims of 500 out of 5,000 due rows, with statistics from before they fell due.

The rest of the table waits for later or is published, half each. Every claimer is a thread with a
connection of its own that claims again and again, and then puts back what it has claimed.
`python -m tests.bench.claims [rows]`
"""

import sys
import threading
import time
from collections.abc import Iterator
from functools import lru_cache

from tests.bench import environment  # noqa: F401 - it starts the servers

# isort: split
import psutil
from django.core.management import call_command
from django.db import connection

from destinations.dispatch import claims
from destinations.models import Account, Destination
from posts.models import Post, Workspace
from tests.bench.bulk import copy, number
from tests.bench.result import Result, at_most, ratio_at_most
from tests.factories import make_account, make_post

LIMIT, CLAIMS = 500, 100
#: Ten million rows take minutes to store, and 5 GB: `python -m tests.bench.claims 10000000`.
SIZES = [10_000, 1_000_000]
#: Their rows are copied from one row each, so that new columns need no change here.
TABLES = (Workspace, Account, Post, Destination)
PUT_BACK = """
UPDATE destinations_destination SET claim = NULL, due_at = wanted_at
WHERE id = ANY(%s)
"""


@lru_cache(maxsize=1)
def prepare(rows: int, due: int = 5_000, accounts: int = 1_000, workspaces: int = 1) -> None:
    """Fill the tables, and spoil the statistics."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_workspaces, bench_accounts, bench_posts")
        tables = "posts_workspace, destinations_heartbeat, destinations_claimcounter"
        cursor.execute(f"TRUNCATE {tables} CASCADE")
        cursor.execute("ALTER TABLE destinations_destination SET (autovacuum_enabled = false)")
    one = Workspace.objects.create(name="bench")
    post = make_post(one, [make_account(one)])
    pattern = Destination.objects.get()
    copy(Workspace, workspaces - 1, "", {"id": "gen_random_uuid()"})
    of = number(Workspace, "bench_workspaces")
    join = f"JOIN {of} w ON w.n = n.n % {workspaces}"
    copy(Account, accounts - 1, join, {"platform_account_id": "n.n::text", "workspace_id": "w.id"})
    copy(Post, rows // accounts, "", {"id": "gen_random_uuid()"})
    Post.objects.exclude(pk=post.pk).update(status="scheduled")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_accounts AS SELECT id, workspace_id,"
            " row_number() OVER (ORDER BY id) - 1 AS n FROM destinations_account;"
            " CREATE INDEX ON bench_accounts (n); ANALYZE bench_accounts"
        )
    number(Post, "bench_posts")
    Destination.objects.update(account_number=0)
    later = "now() + interval '1 day' + n.n * interval '1 second'"
    waits = f"n.n < {due} OR n.n % 2 = 0"
    joined = (
        f"JOIN bench_accounts a ON a.n = n.n % {accounts}"
        f" JOIN bench_posts p ON p.n = n.n / {accounts}"
    )
    values = {
        "id": "gen_random_uuid()",
        "account_id": "a.id",
        "account_number": "a.id",
        "workspace_id": "a.workspace_id",
        "post_id": "p.id",
        "due_at": f"CASE WHEN {waits} THEN {later} END",
        "wanted_at": later,
        "status": f"CASE WHEN {waits} THEN 'queued' ELSE 'published' END",
        "published_at": f"CASE WHEN {waits} THEN NULL ELSE now() END",
        "position": "0",
    }
    copy(Destination, rows, joined, values)
    Destination.objects.filter(pk=pattern.pk).delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE destinations_destination")
        cursor.execute(
            "UPDATE destinations_destination SET due_at = now() - interval '1 minute'"
            " + extract(epoch FROM wanted_at - now() - interval '1 day') * interval '1 ms',"
            " wanted_at = now() - interval '1 minute'"
            " + extract(epoch FROM wanted_at - now() - interval '1 day') * interval '1 ms'"
            " WHERE due_at < now() + interval '1 day' + %s * interval '1 second'",
            [due - 0.5],
        )
        cursor.execute("CHECKPOINT")


def measure(rows: int, claimers: int, **shape: int) -> dict[str, float]:
    """Milliseconds of one claim that got the lock, and of CPU time of its database session.

    `shape`: see `prepare`.
    """
    prepare(rows, **shape)
    found: list[tuple[float, float, int]] = []
    threads = [
        threading.Thread(target=_claim_again_and_again, args=[found, CLAIMS // claimers])
        for _ in range(claimers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(seconds for seconds, _, _ in found)
    return {
        "rows": rows,
        "claimers": claimers,
        "claimed": sum(count for _, _, count in found) / len(times),
        "cpu_ms": 1000 * sum(cpu for _, cpu, _ in found) / len(times),
        "p50_ms": 1000 * times[len(times) // 2],
        "p99_ms": 1000 * times[int(len(times) * 0.99)],
    }


def _claim_again_and_again(found: list[tuple[float, float, int]], times: int) -> None:
    connection.ensure_connection()
    session = psutil.Process(connection.connection.info.backend_pid)
    sweep, done = claims.Sweep(), 0
    while done < times:
        used, began = sum(session.cpu_times()[:2]), time.perf_counter()
        claimed = claims.claim(LIMIT, sweep)
        if sweep.is_locked_out:
            time.sleep(0.02)
            continue
        done += 1
        seconds = time.perf_counter() - began
        found.append((seconds, sum(session.cpu_times()[:2]) - used, len(claimed)))
        with connection.cursor() as cursor:
            cursor.execute(PUT_BACK, [[row.id for row in claimed]])
    connection.close()


def results(*, short: bool = False) -> list[Result]:
    rows, smallest = [], None
    for size in SIZES[:1] if short else SIZES:
        for claimers in (1, 4):
            one = measure(size, claimers)
            name, cpu = f"{size:,} rows, claimers: {claimers}", one["cpu_ms"]
            smallest = smallest or cpu
            rows += [
                Result(f"{name}: p50", one["p50_ms"], "ms"),
                Result(f"{name}: p99", one["p99_ms"], "ms", bar=at_most(100)),
            ]
            if claimers == 1:
                against = smallest, f"{SIZES[0]:,} rows"
                rows.append(Result(f"{name}: CPU", cpu, "ms", *against, bar=ratio_at_most(1.2)))
    return rows


def main() -> Iterator[str]:
    sizes = [int(sys.argv[1])] if len(sys.argv) > 1 else SIZES
    yield "      rows claimers   p50 ms   p99 ms   CPU ms"
    for rows in sizes:
        for claimers in (1, 4):
            one = measure(rows, claimers)
            found = " ".join(f"{one[name]:8.1f}" for name in ("p50_ms", "p99_ms", "cpu_ms"))
            yield f"{rows:10} {claimers:8} {found}"


if __name__ == "__main__":
    for line in main():
        print(line, flush=True)
