"""How the database is emptied after a test whose transactions were committed.

Django empties every table, and makes the rows of `post_migrate` again: content types, permissions,
groups, periodic tasks. That takes longer than most of these tests. So only tables with rows are
emptied, and those of `post_migrate` are left alone if no test has changed them.
"""

from typing import Any

from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined] # Django's own way


class Emptying:
    """Empties a database that has been migrated, and in which nothing else has happened yet."""

    def __init__(self) -> None:
        self._tables = [
            sql.Identifier(name)
            for name in sorted(connection.introspection.django_table_names(only_existing=True))
        ]
        self._filled = self._with_rows()
        self.learn()

    def learn(self) -> None:
        """Take what is there now for what `post_migrate` has made."""
        self._kept = self._rows_of_kept()

    def empty(self) -> bool:
        """False if rows of `post_migrate` have changed; nothing is done then."""
        with transaction.atomic():
            # As TRUNCATE of them all would: it waits for what others have begun.
            self._execute("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", *self._tables)
            with_rows = self._with_rows()
            if self._rows_of_kept() != self._kept:
                return False
            if found := [each for each in with_rows if each not in self._filled]:
                self._execute("TRUNCATE {} CASCADE", *found)
        return True

    def _with_rows(self) -> list[sql.Identifier]:
        each = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        asked = [each.format(number, table) for number, table in enumerate(self._tables)]
        return [self._tables[number] for (number,) in self._ask(sql.SQL(" UNION ALL ").join(asked))]

    def _rows_of_kept(self) -> list[tuple[Any, ...]]:
        each = sql.SQL("SELECT {}, string_agg(kept::text, ' ' ORDER BY kept::text) FROM {} AS kept")
        asked = [each.format(number, table) for number, table in enumerate(self._filled)]
        return sorted(self._ask(sql.SQL(" UNION ALL ").join(asked)))

    def _ask(self, query: sql.Composed) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _execute(self, statement: str, *tables: sql.Identifier) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(sql.SQL(", ").join(tables)))


def install() -> None:
    """Empty so from now on. Called once the tests' database has been made."""
    emptying = Emptying()

    def teardown(test: Any) -> None:
        is_usual = test.available_apps is None and not test.serialized_rollback
        if not (is_usual and emptying.empty()):
            _flush(test)
            emptying.learn()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
