"""Migrations newer than the last release, applied one by one to a database of that release.

The former version goes on working while they are applied, and with what they leave, until the last
of its processes has been replaced. CONTRIBUTING.md has the rules for authors.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connection as tests_own
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import ConnectionHandler

from tests import programs
from tests.psql import psql
from tests.upgrade import release

pytestmark = pytest.mark.django_db

#: They grow with the number of posts; the rest of a database of a release is small.
LARGE = (
    "destinations_attempt",
    "destinations_destination",
    "destinations_event",
    "posts_idempotencyrecord",
    "posts_media",
    "posts_post",
    "posts_postmedia",
)
#: What has no other way, and must be in deploy/UPGRADING.md with the time it takes.
KNOWN: set[str] = set()
TABLES = """
SELECT c.relname, c.relfilenode,
       array(SELECT conname::text FROM pg_constraint
             WHERE conrelid = c.oid AND contype IN ('c', 'u', 'x')) AS constraints,
       array(SELECT attname::text FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
       array(SELECT attname::text FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attnotnull) AS required,
       array(SELECT attname::text FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attnotnull
               AND NOT atthasdef AND attidentity = '') AS without_default
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""
BLOCKING_INDEX = re.compile(r'CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON "(\w+)"')
#: Such as AlterField makes anew for a foreign key that is to lose its index.
CHECKED_KEY = re.compile(r'ALTER TABLE "(\w+)" ADD CONSTRAINT .* FOREIGN KEY (?!.*NOT VALID)')


@dataclass(frozen=True)
class Table:
    file: int
    constraints: frozenset[str]
    columns: frozenset[str]
    required: frozenset[str]
    without_default: frozenset[str]


@pytest.mark.needs(programs.LAST_RELEASE)
def test_no_migration_holds_up_or_breaks_the_former_version():
    last = release.last()
    with database() as connection:
        executor = MigrationExecutor(connection)
        ours = {app: release.migrations(last, app) for app in release.APPS}
        leaves = [
            node for node in executor.loader.graph.leaf_nodes() if node[0] not in release.APPS
        ]
        executor.migrate([*leaves, *((app, max(names)) for app, names in ours.items() if names)])
        watch = Watch(connection)
        executor = MigrationExecutor(connection, watch)
        with connection.execute_wrapper(watch.note):
            executor.migrate(executor.loader.graph.leaf_nodes())
        assert watch.seen, "There is nothing new, so nothing was checked."
        assert watch.found == KNOWN


def judge(before: dict[str, Table], after: dict[str, Table], statements: list[str]) -> list[str]:
    """What it does that the former version would feel."""
    found = [f"drops {name}" for name in before.keys() - after.keys()]
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        found += [f"drops {name}.{column}" for column in old.columns - new.columns]
        missing = new.without_default - old.columns
        found += [f"adds {name}.{column} without a default" for column in missing]
        if name in LARGE:
            found += [f"rewrites {name}"] if old.file != new.file else []
            scans = {
                *(new.constraints - old.constraints),
                *(new.required & old.columns - old.required),
            }
            found += [f"scans {name} for {each}" for each in scans]
    large = {*LARGE} & {*before}
    for problem, pattern in (
        ("builds an index of", BLOCKING_INDEX),
        ("checks a foreign key of", CHECKED_KEY),
    ):
        named = [match[1] for text in statements if (match := pattern.match(text))]
        found += [f"{problem} {name}" for name in named if name in large]
    return found


def tables(connection: Any) -> dict[str, Table]:
    rows = psql(TABLES)
    return {name: Table(file, *map(frozenset, lists)) for name, file, *lists in rows}


class Watch:
    """What each migration does, seen from before and after it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._statements: list[str] = []
        self._before: dict[str, Table] = {}
        self.seen, self.found = 0, set[str]()

    def __call__(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_start":
            self._statements.clear()
            self._before = tables(self._connection)
        elif action == "apply_success":
            self.seen += 1
            problems = judge(self._before, tables(self._connection), self._statements)
            name = f"{migration.app_label}.{migration.name}"
            self.found |= {f"{name} {each}" for each in problems}

    def note(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self._statements.append(str(sql))
        return execute(sql, params, many, context)


@contextmanager
def database() -> Iterator[Any]:
    """A connection to an empty database, which Django takes for its own meanwhile."""
    name = f"{tests_own.settings_dict['NAME']}_release"
    facts = {**settings.DATABASES["default"], "NAME": name}
    connection = ConnectionHandler({"default": facts})["default"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    kept = connections["default"]
    connections["default"] = connection
    try:
        yield connection
    finally:
        connections["default"] = kept
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}"')


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("ALTER TABLE posts_media ALTER size_bytes TYPE numeric", "rewrites posts_media"),
        ("ALTER TABLE posts_media DROP error", "drops posts_media.error"),
        ("ALTER TABLE posts_post ADD more int NOT NULL DEFAULT 1", ""),
        ("DROP TABLE destinations_heartbeat", "drops destinations_heartbeat"),
        (
            "ALTER TABLE posts_post ADD CONSTRAINT short CHECK (length(content) < 9)",
            "scans posts_post for short",
        ),
        (
            'ALTER TABLE "posts_post" ADD CONSTRAINT of FOREIGN KEY (id) REFERENCES posts_posttext',
            "checks a foreign key of posts_post",
        ),
    ],
)
def test_the_check_finds_what_it_looks_for(change, problem):
    before = tables(tests_own)
    with tests_own.cursor() as cursor:
        cursor.execute(change)

    assert judge(before, tables(tests_own), [change]) == ([problem] if problem else [])
