"""Operations for migrations of large tables, which workers go on using meanwhile."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently


class AddIndexBeside(AddIndexConcurrently):
    """Build an index while its table is read and written; the migration must not be atomic.

    May be repeated: an index that is there stays, and what a broken-off build left is replaced.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        valid = _is_valid(schema_editor, self.index.name)
        if valid is False:
            name = schema_editor.quote_name(self.index.name)
            schema_editor.execute(f"DROP INDEX CONCURRENTLY {name}")
        if not valid:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def _is_valid(schema_editor: Any, name: str) -> bool | None:
    """None if there is no such index."""
    sql = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql, [name])
        row = cursor.fetchone()
    return None if row is None else bool(row[0])
