"""Stores a new post with its files, destinations and events by one SQL statement.

A tenth of the CPU time of the ORM's statements. The values travel as JSON: each draft
once, however many accounts publish it.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.db import connection
from django.db.models import NOT_PROVIDED, AutoField, Model
from psycopg import sql

from destinations.models import Destination, Event
from destinations.runtime import database
from posts import content
from posts.composing.extensions import holds
from posts.models import Post, PostMedia
from posts.outbox import outbox


def typed(model: type[Model], name: str) -> str:
    """Return SQL for the parameter of a column, which may be null and so must name its type."""
    kind = model._meta.get_field(name).db_type(connection) or ""
    if kind.startswith("varchar"):
        return f"%({name})s::text"  # as varchar(n) it would be cut, not refused
    # JSON stays a text, for parts of the statement that need it as it was written.
    return f"%({name})s::text::jsonb" if kind == "jsonb" else f"%({name})s::{kind}"


#: Rows of the statement's parameters, and what the workspace's rules give: the latest start,
#: whether a hold lets the post wait, and columns for the holds' own parts.
SOURCES = """
drafted AS (
    SELECT * FROM jsonb_to_recordset(%(drafts)s)
    AS given(drafted bigint, queue text, draft jsonb, notes jsonb)
), account AS (
    SELECT * FROM jsonb_to_recordset(%(accounts)s) AS given(
        destination uuid, number bigint, name text, platform text, position smallint, drafted bigint
    )
), file AS (
    SELECT * FROM jsonb_to_recordset(%(files)s)
    AS given(media uuid, position smallint, alt_text text)
), rule AS (
    SELECT CASE WHEN %(status)s = 'scheduled' THEN
            %(scheduled_for)s::timestamptz + missed_after_minutes * interval '1 minute'
        END AS not_after, {waits} AS waits{columns}
    FROM posts_workspace WHERE id = %(workspace)s
)"""
WAITS = "(SELECT waits FROM rule)"
#: Columns of a post that are stored as the post has them.
COLUMNS = (
    *("content", "platform_content", *content.plain(), "hashtags", "timezone", "campaign_id"),
    *("scheduled_for", "posting_queue_id", "slot_at", "queue_priority"),
)
POST = {
    "id": "%(post)s",
    "workspace_id": "%(workspace)s",
    **{name: typed(Post, name) for name in COLUMNS},
    "status": f"""CASE WHEN %(status)s = 'publishing' AND {WAITS} THEN 'scheduled'
        ELSE %(status)s END""",
    "created_at": "%(now)s",
    "updated_at": "%(now)s",
}
FILE = {
    "post_id": "%(post)s",
    "media_id": "media",
    "position": "position",
    "alt_text": "alt_text",
}
DESTINATION = {
    "id": "destination",
    "post_id": "%(post)s",
    "workspace_id": "%(workspace)s",
    "account_id": "number",
    "account_number": "number",
    "account_name": "name",
    "platform": "platform",
    "queue": "queue",
    "position": "position",
    "draft": "draft",
    "notes": "notes",
    "due_at": f"CASE WHEN {WAITS} THEN NULL ELSE %(due_at)s::timestamptz END",
    "wanted_at": "coalesce(%(due_at)s, %(now)s)",
    "not_after": "(SELECT not_after FROM rule)",
    "request_id": "%(request_id)s",
    "created_at": "%(now)s",
    "updated_at": "%(now)s",
}
EVENT = {
    "destination_id": "destination",
    "at": "%(now)s",
    "move": "'compose'",
    "to_status": "'queued'",
    "by": "%(by)s",
    "request_id": "%(request_id)s",
}


def insert(
    post: Post,
    drafts: Collection[Mapping[str, Any]],
    accounts: Collection[Mapping[str, Any]],
    files: Collection[Mapping[str, Any]],
    *,
    due_at: datetime | None,
    by: str,
    request_id: str,
    event: Mapping[str, Any] | None = None,
) -> bool:
    """Store the post, and what belongs to it as described in SOURCES; whether a hold lets it wait.

    `event`: what webhooks are told of it, as `outbox.parameters` gives it.
    """
    values: dict[str, Any] = {
        "post": post.pk,
        "workspace": post.workspace_id,
        **{name: _parameter(getattr(post, name)) for name in COLUMNS},
        "status": str(post.status),
        "now": post.updated_at,
        "due_at": due_at,
        "drafts": _rows(drafts),
        "accounts": _rows(accounts),
        "files": _rows(files),
        "by": by,
        "request_id": request_id,
    }
    for hold in holds.every():
        values |= hold.parameters(post)
    sql = _statement(with_event=event is not None)
    found = database.execute_prepared(sql, {**values, **(event or {})})
    waits, has_told = found[0] if found else (False, False)
    if has_told:
        outbox.wake_after_commit()
    return bool(waits)


def _rows(rows: Collection[Mapping[str, Any]]) -> str:
    try:
        return orjson.dumps(rows).decode()
    except orjson.JSONEncodeError:  # a number of more than 64 bits
        return json.dumps(rows, default=str)


def _parameter(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


@cache
def _statement(*, with_event: bool) -> str:
    """Return the statement, which results in whether the post waits, and webhooks are told."""
    held = [hold.insertion() for hold in holds.every()]
    sources = SOURCES.format(
        waits=" OR ".join(f"({each.waits})" for each in held) or "FALSE",
        columns="".join(f", {value} AS {name}" for h in held for name, value in h.columns.items()),
    )
    parts = {
        "post": insert_sql(Post, POST),
        "attached": insert_sql(PostMedia, FILE, "file"),
        "placed": insert_sql(Destination, DESTINATION, "account JOIN drafted USING (drafted)"),
        "history": insert_sql(Event, EVENT, "account ORDER BY position"),
        **{name: part for each in held for name, part in each.parts.items()},
        "told": f"{outbox.INSERT} RETURNING 1" if with_event else "SELECT 1 LIMIT 0",
    }
    told = ["told", *(name for each in held for name in each.events)]
    has_told = " OR ".join(f"EXISTS (SELECT FROM {name})" for name in told)
    written = ", ".join(f"{name} AS ({part})" for name, part in parts.items())
    return f"WITH {sources}, {written} SELECT waits, {has_told} FROM rule"


def insert_sql(model: type[Model], given: Mapping[str, str], source: str = "") -> str:
    """Return a statement; `given` is SQL by columns, over the rows of `source`.

    Columns that are not given get the defaults of their fields.
    """
    defaults = {
        field.column: _literal(field.get_default())
        for field in model._meta.concrete_fields
        if field.column not in given
        and field.db_default is NOT_PROVIDED
        and not field.generated
        and not isinstance(field, AutoField)
    }
    columns = {**defaults, **given}
    values = ", ".join(columns.values()) + (f" FROM {source}" if source else "")
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {values}"


def _literal(value: str | int | None) -> str:
    # An enumeration's value, not its name.
    return sql.Literal(str(value) if isinstance(value, str) else value).as_string(None)
