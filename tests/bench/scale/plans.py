"""What a page asks the database: how often, and by which plans.

Each statement is explained right before it runs, in its transaction, with its settings.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

LARGE = "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s"
#: Sequential scans of smaller tables are right.
LARGE_ROWS = 20_000
#: Rows that a page may skip.
SKIPPED = 1_000
OFFSET = re.compile(r"OFFSET (\d+)\s*$")


@dataclass(slots=True)
class Asked:
    """`wrong`: what reads a large table from end to end, or skips thousands of rows."""

    statements: int = 0
    wrong: list[str] = field(default_factory=list)


def large() -> set[str]:
    """The names of the large tables."""
    with connection.cursor() as cursor:
        cursor.execute(LARGE, [LARGE_ROWS])
        return {name for (name,) in cursor.fetchall()}


@contextmanager
def watched(tables: set[str]) -> Iterator[Asked]:
    """Explains every statement of the block."""
    asked, is_explaining = Asked(), False

    def explain(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal is_explaining
        if not is_explaining and sql.lstrip().upper().startswith(("SELECT", "WITH")):
            is_explaining = True
            try:
                asked.statements += 1
                asked.wrong += _wrong(sql, params, tables)
            finally:
                is_explaining = False
        return run(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield asked


def _wrong(sql: str, params: Any, tables: set[str]) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = [line.strip() for (line,) in cursor.fetchall()]
    for line in plan:
        if (found := re.search(r"Seq Scan on (\w+)", line)) and found[1] in tables:
            yield f"{line}: {sql}"
    skips = OFFSET.search(sql)
    if skips and int(skips[1]) > SKIPPED:
        yield f"skips {skips[1]} rows: {sql}"
