"""Reads posts and their destinations within a caller's reach."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import connection

from destinations.access import Reach
from posts.read_models.destinations import DestinationRow, ResultRow
from posts.read_models.posts import PostRow, WholePostRow
from posts.read_models.statements import (
    ACCOUNTS,
    COLUMNS,
    DETAILED,
    ONE,
    RESULTS,
    WHOLE,
    WHOLE_COLUMNS,
    within,
)


def post(reach: Reach, post_id: uuid.UUID | None) -> PostRow | None:
    """Return a post with its destinations and files; None if there is none within reach."""
    found = _read_one(DETAILED, COLUMNS, reach, post_id)
    return PostRow.read(found) if found else None


def whole_post(reach: Reach, post_id: uuid.UUID | None) -> WholePostRow | None:
    """Return one post with all that is shown of it; None as for `post`."""
    found = _read_one(WHOLE, WHOLE_COLUMNS, reach, post_id)
    return WholePostRow.read(found) if found else None


def results(reach: Reach, post_id: uuid.UUID | None) -> list[ResultRow] | None:
    """Return the destinations of a post; None if there is no such post within reach."""
    found = _read_one(RESULTS, "p.id", reach, post_id)
    return [ResultRow.read(each) for each in orjson.loads(found[0] or "[]")] if found else None


def accounts(reach: Reach, post_id: uuid.UUID | None) -> list[DestinationRow] | None:
    """Return the destinations of a post with their accounts only; None as for `results`."""
    found = _read_one(ACCOUNTS, "p.id", reach, post_id)
    rows = orjson.loads(found[0] or "[]") if found else None
    return None if rows is None else [DestinationRow.read(each) for each in rows]


def _read_one(
    sql: str, columns: str, reach: Reach, post_id: uuid.UUID | None
) -> tuple[Any, ...] | None:
    if post_id is None:
        return None
    visible = within(reach)
    chosen = ONE.format(columns=columns, within=visible.sql)
    found = read(sql.format(chosen=chosen), (post_id, *visible.parameters))
    return found[0] if found else None


def read(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
