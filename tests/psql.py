"""Statements on the test's own connection to the database."""

import json
from typing import Any

from django.db import connection, transaction


def psql(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Run a statement and return the rows that it gives, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def plan_of(statement: str, values: Any = None) -> str:
    """Return how the database would find the rows of a statement, line by line."""
    return "\n".join(line for (line,) in psql(f"EXPLAIN {statement}", values))


def rows_touched(statement: str, values: Any) -> int:
    """How many rows all steps of it process, including discarded ones. Nothing is changed."""
    with transaction.atomic():
        ((found,),) = psql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        transaction.set_rollback(True)
    return _touched((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])


def _touched(step: dict[str, Any]) -> int:
    counted = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    own = sum(step.get(name, 0) for name in counted) * step["Actual Loops"]
    return int(own + sum(map(_touched, step.get("Plans", ()))))
