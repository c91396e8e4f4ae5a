"""Migrations of large tables: columns in one go, and indexes anew where a build was broken off."""

from types import SimpleNamespace

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState, StateApps
from psycopg.errors import LockNotAvailable

from destinations.runtime.migration_operations import AddColumns, AddIndexBeside
from tests.psql import psql

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "workspace_beside"
FOUND = """
SELECT c.oid, i.indisvalid, pg_get_indexdef(c.oid)
FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = %s
"""


@pytest.fixture(autouse=True)
def without_it():
    yield
    psql(f"DROP INDEX IF EXISTS {NAME}")


def found() -> tuple | None:
    """The index: its identity, whether it is valid, and its definition."""
    return next(iter(psql(FOUND, [NAME])), None)


def break_off() -> None:
    """A build that gives up on another transaction leaves an index that nothing uses."""
    facts = connection.get_connection_params()
    with psycopg.connect(**facts) as other, psycopg.connect(**facts, autocommit=True) as builder:
        other.execute("UPDATE posts_workspace SET name = name")
        builder.execute("SET lock_timeout = '50ms'")
        with pytest.raises(LockNotAvailable):
            # Of another column, so that what is built anew can be told from it.
            builder.execute(f"CREATE INDEX CONCURRENTLY {NAME} ON posts_workspace (created_at)")


def build() -> None:
    operation = AddIndexBeside("workspace", models.Index(fields=["name"], name=NAME))
    state = SimpleNamespace(apps=apps)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("posts", editor, state, state)


def test_what_a_broken_off_build_left_is_replaced():
    break_off()
    left = found()
    build()
    built = found()

    assert (left[1], "(created_at)" in left[2]) == (False, True)
    assert (built[1], "(name)" in built[2]) == (True, True)


def test_an_index_that_is_there_stays():
    build()
    before = found()
    build()

    assert found() == before


COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE column_name ~ '^beside_' ORDER BY 1, 2
"""


def columns() -> list[tuple[str, str]]:
    return psql(COLUMNS)


def test_columns_are_added_in_one_go_and_removed_again(monkeypatch):
    """Nothing is rendered from the first lock on."""
    operation = AddColumns(
        workspace={
            "beside_a": models.TextField(null=True),
            "beside_b": models.TextField(null=True),
        },
        media={"beside_c": models.ForeignKey("posts.post", models.CASCADE, null=True)},
    )
    before = ProjectState.from_apps(apps)
    after = before.clone()
    seen: list[str] = []
    render = StateApps.render_multiple

    def note_rendering(self: StateApps, model_states: list) -> None:
        seen.append("render")
        render(self, model_states)

    def note_statement(execute, sql, *rest):
        seen.append(" ".join(str(sql).split()[:3]))
        return execute(sql, *rest)

    monkeypatch.setattr(StateApps, "render_multiple", note_rendering)
    operation.state_forwards("posts", after)
    with connection.schema_editor() as editor, connection.execute_wrapper(note_statement):
        operation.database_forwards("posts", editor, before, after)
    added = columns()
    with connection.schema_editor() as editor:
        operation.database_backwards("posts", editor, after, before)

    statements = seen[len(seen) - seen[::-1].index("render") :]
    assert added == [
        ("posts_media", "beside_c_id"),
        ("posts_workspace", "beside_a"),
        ("posts_workspace", "beside_b"),
    ]
    assert "render" in seen
    assert statements[:3] == [
        'ALTER TABLE "posts_workspace"',
        'ALTER TABLE "posts_workspace"',
        'ALTER TABLE "posts_media"',
    ]
    assert columns() == []
