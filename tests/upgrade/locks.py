"""How long the migrations since the last release hold up that release's statements.

`python -m tests.upgrade.locks [destinations]`: fills the tables as `tests.bench.growth.sizes` does,
takes the database back to the last release, and migrates as an operator does. Meanwhile the lock
that an insert or update takes is asked for, table by table, again and again. Prints Markdown; ends
with 1 if one had to wait for a second, which a busy machine alone may cause.
"""

import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.bench import environment  # isort: skip  # noqa: F401  # before Django's models

import psycopg
from django.core.management import call_command
from django.db import connection

from tests.acceptance.stack import ROOT
from tests.bench.scale import history
from tests.upgrade import release

DESTINATIONS = 300_000
BAR_SECONDS = 1.0
PAUSE_SECONDS = 0.05
#: What takes no longer than this is not printed.
SHORT_SECONDS = 0.1
TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(destinations|posts)_'
ORDER BY relname
"""


class Wait(NamedTuple):
    table: str
    began: float
    seconds: float


class Applied(NamedTuple):
    migration: str
    began: float
    ended: float


def main(destinations: int = DESTINATIONS) -> int:
    history.prepare(destinations)
    last = release.last()
    for app in release.APPS:
        names = release.migrations(last, app)
        call_command("migrate", app, max(names, default="zero"), verbosity=0)
    print(f"{destinations:,} destinations, from {last.version}", flush=True)
    with _asking() as waits:
        applied = list(_migrate())
    print("| migration | takes | longest wait for a lock | of |\n|---|---|---|---|")
    during = defaultdict[Applied, list[Wait]](list)
    for wait in waits:
        during[_during(wait, applied)].append(wait)
    for each in applied:
        print(*_line(each, during[each]), sep="", end="")
    longest = max(wait.seconds for wait in waits)
    took = applied[-1].ended - applied[0].began
    print(f"{len(applied)} migrations in {took:.0f} s; the longest wait: {longest:.2f} s")
    return int(longest >= BAR_SECONDS)


def _line(applied: Applied, waits: list[Wait]) -> Iterator[str]:
    """Its line of the table, unless it was short."""
    seconds = applied.ended - applied.began
    longest = max(waits, key=lambda wait: wait.seconds, default=Wait("", 0, 0))
    if max(seconds, longest.seconds) > SHORT_SECONDS:
        yield f"| `{applied.migration}` | {seconds:.1f} s | {longest.seconds:.2f} s |"
        yield f" `{longest.table}` |\n"


def _during(wait: Wait, applied: list[Applied]) -> Applied:
    """The migration in which it waited longest."""
    end = wait.began + wait.seconds
    return max(applied, key=lambda each: min(each.ended, end) - max(each.began, wait.began))


def _migrate() -> Iterator[Applied]:
    command = [sys.executable, "-u", "manage.py", "migrate"]
    began = 0.0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            now = time.monotonic()
            if began and "Applying" in line:
                yield Applied(line.split()[1].rstrip("."), began, now)
            began = now
    assert process.returncode == 0, process.returncode


@contextmanager
def _asking() -> Iterator[list[Wait]]:
    """Ask for the lock of each table of the release, and note how long that took."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [table for (table,) in cursor.fetchall()]
    waits: list[Wait] = []
    over = threading.Event()
    threads = [threading.Thread(target=_ask, args=(table, waits, over)) for table in tables]
    for thread in threads:
        thread.start()
    try:
        yield waits
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _ask(table: str, waits: list[Wait], over: threading.Event) -> None:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as session:
        while not over.wait(PAUSE_SECONDS):
            began = time.monotonic()
            with session.transaction():
                session.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")
            waits.append(Wait(table, began, time.monotonic() - began))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
