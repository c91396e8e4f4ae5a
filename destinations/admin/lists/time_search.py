"""Finds the rows of a time in a table that only grows, without an index on the time.

Ids and times grow together there, so a binary search over the primary key finds where a time is.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Model, Q

#: Transactions commit in another order than they took their ids, and what could not be written
#: while the database was away is written later.
SLACK = timedelta(minutes=10)
FIRST = """
WITH RECURSIVE search(low, high) AS (
    SELECT (SELECT min(id) FROM {table}), (SELECT max(id) + 1 FROM {table})
    UNION ALL
    SELECT CASE WHEN probe.at < %s THEN probe.id + 1 ELSE low END,
           CASE WHEN probe.at < %s THEN high ELSE (low + high) / 2 END
    FROM search CROSS JOIN LATERAL (
        SELECT id, {column} AS at FROM {table} WHERE id >= (low + high) / 2 ORDER BY id LIMIT 1
    ) probe
    WHERE low < high
)
SELECT max(low) FROM search WHERE low >= high
"""


def between(model: type[Model], column: str, since: datetime | None, until: datetime | None) -> Q:
    """The rows with `since <= column < until`, by their ids and then by the time itself."""
    found = Q()
    if since:
        low = first_id(model, column, since - SLACK)
        found &= Q(**{f"{column}__gte": since}) & (Q(pk__gte=low) if low is not None else Q())
    if until:
        high = first_id(model, column, until + SLACK)
        found &= Q(**{f"{column}__lt": until}) & (Q(pk__lt=high) if high is not None else Q())
    return found


def first_id(model: type[Model], column: str, at: datetime) -> int | None:
    """The first id of about this time or later; None for an empty table."""
    sql = FIRST.format(table=model._meta.db_table, column=column)
    with connection.cursor() as cursor:
        cursor.execute(sql, [at, at])
        row: tuple[int | None] = cursor.fetchone()
        return row[0]
