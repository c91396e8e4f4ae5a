"""What a million destinations cost: disk, the claim, lists, pages, vacuum.

`python -m tests.bench.growth.sizes 1000000 [10000000 …]`: fills the tables up to each number in
turn, with `tests.bench.scale.history`, and measures. Prints a line of Markdown for each.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

import psutil
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from destinations.dispatch import claims
from posts.composing.changes import retention
from posts.models import Workspace
from tests.bench.scale import history
from tests.bench.steps import query

#: Tables that are updated, and a column of an index that a publish changes.
COLUMN = {"destinations_destination": "updated_at", "posts_post": "updated_at"}
TURNS = 10
PAGES = {
    "destinations": "/admin/destinations/destination/",
    "posts": "/admin/posts/post/",
}


def main(*sizes: str) -> None:
    for size in map(int, sizes):
        began = time.monotonic()
        history.prepare(size)
        print(f"{size:,} destinations, filled in {time.monotonic() - began:.0f} s", flush=True)
        for line in chain(disk(size), times()):
            print(f"  {line}", flush=True)


def disk(size: int) -> list[str]:
    found = []
    for (table,) in query(
        "SELECT relname FROM pg_stat_user_tables WHERE relname ~ '^(destinations|posts)_'"
        " ORDER BY pg_total_relation_size(relid) DESC LIMIT 8"
    ):
        rows, own, indexes = query(
            "SELECT n_live_tup, pg_table_size(relid), pg_indexes_size(relid)"
            " FROM pg_stat_user_tables WHERE relname = %s",
            [table],
        )[0]
        found.append(
            f"{table}: {rows:,} rows, {own / 1e6:,.0f} MB and {indexes / 1e6:,.0f} MB of indexes,"
            f" {(own + indexes) / size:,.0f} bytes a destination"
        )
    whole = query("SELECT pg_database_size(current_database())")[0][0]
    return [*found, f"database: {whole / 1e9:.2f} GB, {whole / size:,.0f} bytes a destination"]


def times() -> Iterator[str]:
    call_command("collectstatic", interactive=False, verbosity=0)
    operator = Client(headers={"host": "localhost"})
    operator.force_login(
        User.objects.get_or_create(username="bench", is_superuser=True, is_staff=True)[0]
    )

    def page(path: str) -> Callable[[], None]:
        def get() -> None:
            answer = operator.get(path, secure=True)
            assert answer.status_code == 200, answer.status_code

        return get

    measured = {
        "claim of 500": _claim,
        "list of 25 posts": _list,
        **{f"admin, {name}": page(path) for name, path in PAGES.items()},
    }
    for name, run in measured.items():
        yield f"{name}: {_ms(run):.0f} ms of CPU"
    for table in COLUMN:
        # A fiftieth of its pages changed as a publish does: all indexes are gone through.
        _execute(
            f"UPDATE {table} SET {COLUMN[table]} = {COLUMN[table]} + interval '1 ms'"
            f" WHERE ctid IN (SELECT ctid FROM {table} TABLESAMPLE SYSTEM (2))"
        )
        vacuum = partial(_execute, f"VACUUM (PARALLEL 0) {table}")
        yield f"vacuum of {table}: {_ms(vacuum, 1):.0f} ms of CPU"


def _ms(run: Callable[[], object], turns: int = TURNS) -> float:
    """CPU milliseconds of this process and of its session in PostgreSQL: others may be busy."""
    session = psutil.Process(query("SELECT pg_backend_pid()")[0][0])

    def spent() -> float:
        return time.process_time() + sum(session.cpu_times()[:2])

    if turns > 1:
        run()
    before = spent()
    for _ in range(turns):
        run()
    return (spent() - before) * 1000 / turns


def _claim() -> None:
    """Undone, so that the next one finds the same rows."""
    with transaction.atomic():
        assert claims.claim(500)
        transaction.set_rollback(True)


def _list() -> None:
    large = Workspace.objects.get(pk=query(f"SELECT {history._uuid('workspace', '0')}")[0][0])
    assert len(large.posts.order_by("-created_at", "id")[:25]) == 25


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def forget(days: int) -> str:
    """How fast old posts are deleted."""
    from django.test import override_settings

    with override_settings(KEEP_POSTS_DAYS=days):
        began = time.monotonic()
        count = retention.forget()
    seconds = time.monotonic() - began
    return f"forgetting: {count:,} posts in {seconds:.0f} s, {count / seconds:,.0f}/s"


if __name__ == "__main__":
    main(*sys.argv[1:])
    print(f"  {forget(200)}")
