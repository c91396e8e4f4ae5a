"""What PostgreSQL spends on a destination, from its claim to its outcome.

The product's own statements in groups, on one connection: claim, start, save before the
irreversible call, complete. No HTTP, no Celery. `python -m tests.bench.steps [destinations]`
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

os.environ["LOG_LEVEL"] = "WARNING"
from tests.bench import environment  # noqa: F401 - starts PostgreSQL and Django

# isort: split
import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from destinations.accounts import encryption
from destinations.dispatch import claims
from destinations.dispatch.claims import Claimed
from destinations.models import Account, Destination
from destinations.publishing.commands import SaveCheckpoint, Start
from destinations.publishing.complete import Complete
from destinations.publishing.job import Job
from platforms.drafts import Draft
from platforms.outcomes import Published
from posts.models import Post, Workspace
from tests.bench.result import Result, at_most

BY = "worker:bench:1"
GROUPS = (25, 100)
PER_ACCOUNT = 5
#: With fewer rows PostgreSQL reads whole tables instead of indexes.
DUE_LATER = 20_000
TEXT = "A dovecote is a house for doves, with a nest for each pair and one door to the sky. " * 3
TABLES = ("destinations_destination", "destinations_attempt", "posts_post")
UPDATES = """
    SELECT relname, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = ANY(%s)
"""


def query(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def prepare(count: int) -> None:
    """`count` posts to X, one destination each, all due now; others are due tomorrow."""
    Post.objects.all().delete()
    Workspace.objects.all().delete()
    workspace, now = Workspace.objects.create(name="bench"), timezone.now()
    sealed = encryption.seal({"token": "token", "extra": {}})
    accounts = Account.objects.bulk_create(
        Account(workspace=workspace, platform="x", platform_account_id=str(n), credentials=sealed)
        for n in range(max(count // PER_ACCOUNT, 1))
    )
    _schedule(workspace, accounts, DUE_LATER, now + timedelta(days=1))
    _schedule(workspace, accounts, count, now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _schedule(workspace: Workspace, accounts: Sequence[Account], count: int, at: datetime) -> None:
    posts = Post.objects.bulk_create(
        Post(workspace=workspace, content=TEXT, status="scheduled", scheduled_for=at, updated_at=at)
        for _ in range(count)
    )
    Destination.objects.bulk_create(
        Destination(
            post=post, workspace=workspace, account=account, account_number=account.pk,
            platform="x", queue="publish.x", position=0, draft=Draft(text=TEXT).as_json(),
            due_at=at, wanted_at=at, updated_at=at,
        )
        for post, account in zip(posts, cycle(accounts))
    )  # fmt: skip


def claim_all() -> Iterator[list[Claimed]]:
    while claimed := claims.claim(settings.CLAIM_LIMIT):
        yield claimed


def take_through(claimed: Sequence[Claimed]) -> None:
    """Publish these without a network: each step in one transaction, as a worker does it."""
    starts = [Start(*each.key) for each in claimed]
    with transaction.atomic():
        jobs: list[Job] = [job for job in Start.execute_many(starts, BY) if job]
    sent = {"state": "sent", "fingerprint": "5f2d", "since": "1790000000000000000"}
    saves = [SaveCheckpoint(job, sent, sending=True, answered=False) for job in jobs]
    with transaction.atomic():
        SaveCheckpoint.execute_many(saves, BY)
    ends = [
        Complete(job, Published(id=f"{job.id.int}"[:19], url="https://x.com/a/1"), sent, True)
        for job in jobs
    ]  # fmt: skip
    with transaction.atomic():
        Complete.execute_many(ends, BY)


@contextmanager
def watched(count: int, found: dict[str, float]) -> Iterator[None]:
    """Stores what the block costs per destination in `found`."""
    backend = psutil.Process(query("SELECT pg_backend_pid()")[0][0])

    def spent() -> float:
        times = backend.cpu_times()
        return times.user + times.system

    lsn, updates = query("SELECT pg_current_wal_lsn()")[0][0], _updates()
    used, own = spent(), time.process_time()
    yield
    found["postgresql_ms"] = (spent() - used) * 1000 / count
    found["client_ms"] = (time.process_time() - own) * 1000 / count
    diff = query("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", [lsn])[0][0]
    found["wal_bytes"] = float(diff) / count
    for table, (total, hot) in _updates().items():
        before, before_hot = updates[table]
        found[f"{table} updates"] = (total - before) / count
        found[f"{table} hot"] = (hot - before_hot) / count


def _updates() -> dict[str, tuple[int, int]]:
    query("SELECT pg_stat_force_next_flush() IS NULL")
    return {table: (total, hot) for table, total, hot in query(UPDATES, [list(TABLES)])}


def measure(count: int = 2000) -> dict[int, dict[str, float]]:
    """Per size of group: milliseconds of CPU, bytes of WAL and updates, per destination."""
    results: dict[int, dict[str, float]] = {}
    for size in GROUPS:
        prepare(count)
        results[size] = found = {}
        with watched(count, found):
            for claimed in claim_all():
                for start in range(0, len(claimed), size):
                    take_through(claimed[start : start + size])
        published = Destination.objects.filter(status="published").count()
        if published != count:
            raise SystemExit(f"only {published} of {count} were published")
    return results


def results(*, short: bool = False) -> list[Result]:
    found = []
    for size, costs in measure(500 if short else 2000).items():
        of = f"groups of {size}"
        tables = ", ".join(f"{name} {costs[name]:.2f}" for name in costs if " " in name)
        found += [
            Result(f"{of}: PostgreSQL CPU", costs["postgresql_ms"], "ms", bar=at_most(0.5)),
            Result(f"{of}: CPU of the client", costs["client_ms"], "ms"),
            Result(f"{of}: WAL", costs["wal_bytes"] / 1000, "kB", note=f"{of}: {tables}."),
        ]
    return found


def main() -> None:
    call_command("migrate", verbosity=0)
    results = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    for size, found in results.items():
        print(f"groups of {size}")
        for name, value in found.items():
            print(f"  {name:34} {value:9.3f}")


if __name__ == "__main__":
    main()
