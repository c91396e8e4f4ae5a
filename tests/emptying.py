"""How the database is emptied after a test whose transactions were committed.

Django truncates every table, and makes the rows of `post_migrate` again: content types,
permissions, groups, periodic tasks. That takes longer than most of these tests. So rows are
deleted, from tables that have ever had some, and those of `post_migrate` are left alone if no test
has changed them.
"""

from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql

from tests.psql import psql

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined] # Django's own way
#: Deleting is quicker than truncating, which makes new files, until a table is as large as this.
LARGE_BYTES = 4_000_000
WRITTEN = """
SELECT relname, pg_relation_size(oid) > %s FROM pg_class
WHERE oid = ANY(%s::regclass[]) AND pg_relation_size(oid) > 0
"""


class Emptying:
    """Empties a database that has been migrated, and in which nothing else has happened yet."""

    def __init__(self) -> None:
        self._tables = sorted(connection.introspection.django_table_names(only_existing=True))
        self._filled = [name for name, _ in self._written()]
        self.learn()

    def learn(self) -> None:
        """Take what is there now for what `post_migrate` has made."""
        self._kept = self._digests_of_kept()

    def empty(self) -> bool:
        """False if rows of `post_migrate` have changed; nothing is done then."""
        with transaction.atomic():
            # As TRUNCATE of them all would: it waits for what others have begun.
            self._execute("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", *self._tables)
            if self._digests_of_kept() != self._kept:
                return False
            written = [each for each in self._written() if each[0] not in self._filled]
            # No foreign key or trigger is asked: all rows go.
            self._execute("SET LOCAL session_replication_role = replica")
            for name, is_large in written:
                self._execute("TRUNCATE {} CASCADE" if is_large else "DELETE FROM {}", name)
        return True

    def _written(self) -> list[tuple[str, bool]]:
        """Each table that has had rows since it was made or truncated, and whether it is large."""
        return psql(WRITTEN, [LARGE_BYTES, self._tables])

    def _digests_of_kept(self) -> list[tuple[Any, ...]]:
        each = sql.SQL("SELECT {}, count(*), sum(hashtext(kept::text)) FROM {} AS kept")
        asked = [each.format(name, sql.Identifier(name)) for name in self._filled]
        return sorted(psql(sql.SQL(" UNION ALL ").join(asked)))

    def _execute(self, statement: str, *tables: str) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        psql(sql.SQL(statement).format(names))


def install() -> None:
    """Empty so from now on. Called once the tests' database has been made."""
    emptying = Emptying()

    def teardown(test: Any) -> None:
        is_usual = test.available_apps is None and not test.serialized_rollback
        if not (is_usual and emptying.empty()):
            _flush(test)
            emptying.learn()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
