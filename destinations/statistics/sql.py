"""Statements of this room on Django's connection."""

from typing import Any

from django.db import connection


def execute(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a statement; none if it returns none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []
