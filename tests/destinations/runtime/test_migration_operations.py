"""Indexes of large tables are built anew where a build was broken off."""

from types import SimpleNamespace

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models
from psycopg.errors import LockNotAvailable

from destinations.runtime.migration_operations import AddIndexBeside

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "workspace_beside"
FOUND = """
SELECT c.oid, i.indisvalid, pg_get_indexdef(c.oid)
FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relname = %s
"""


@pytest.fixture(autouse=True)
def without_it():
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {NAME}")


def found() -> tuple | None:
    """The index: its identity, whether it is valid, and its definition."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [NAME])
        return cursor.fetchone()


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
