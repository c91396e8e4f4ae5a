"""Posts for the API benchmark to read: one workspace with many, made by PostgreSQL itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from destinations.models import Account
from posts.models import Post, Workspace
from tests.factories import make_post

TEXT = "Our new range is here, in every colour. Come and see it at the shop"
#: How many values each copied column takes, by column of `posts_post`.
MOVED = {
    "content": "content || ' ' || n",
    "created_at": "created_at - %(days_ago)s * interval '1 day' - n * interval '1 second'",
    "updated_at": "updated_at - n * interval '1 second'",
    "scheduled_for": "scheduled_for + n * interval '1 second'",
    "status": "(ARRAY['scheduled', 'scheduled', 'published', 'failed'])[1 + n %% 4]",
}
#: A post's id follows from its number, and a destination's from both.
POST_ID = "md5('post' || %(post)s || n)::uuid"
DESTINATION_ID = "md5('dest' || %(post)s || n || position)::uuid"


def store(
    workspace: Workspace,
    accounts: list[Account],
    count: int,
    *,
    text: str = TEXT,
    days_ago: int = 0,
) -> Post:
    """`count` scheduled posts to these accounts, with others' statuses; the model of all."""
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    model = make_post(workspace, accounts, content=text, scheduled_for=at)
    given = {"post": str(model.pk), "days_ago": days_ago, "count": count}
    with connection.cursor() as cursor:
        _copy(cursor, "posts_post", "id", {"id": POST_ID, **MOVED}, given)
        own = {"id": DESTINATION_ID, "post_id": POST_ID}
        _copy(cursor, "destinations_destination", "post_id", own, given)
        cursor.execute("VACUUM ANALYZE posts_post, destinations_destination, posts_posttext")
    return model


def _copy(cursor: Any, table: str, key: str, values: dict[str, str], given: dict[str, Any]) -> None:
    """Copy the rows of the model in this table, with other values in some columns."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    columns = [name for (name,) in cursor.fetchall()]
    selected = ", ".join(values.get(name, name) for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {selected}"
        f" FROM (SELECT * FROM {table} WHERE {key} = %(post)s) one,"
        " generate_series(1, %(count)s) n",
        given,
    )
