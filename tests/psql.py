"""Statements on the test's own connection to the database."""

from typing import Any

from django.db import connection


def psql(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Run a statement and return the rows that it gives, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def plan_of(statement: str, values: Any = None) -> str:
    """Return how the database would find the rows of a statement, line by line."""
    return "\n".join(line for (line,) in psql(f"EXPLAIN {statement}", values))
