"""Operations for migrations of large tables, which workers go on using meanwhile."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class AddColumns(migrations.SeparateDatabaseAndState):
    """Add columns to tables, model by model, in one go.

    Each AddField has Django make its models anew, which takes a while, under the lock of the one
    before it. So a migration has one of these, and it comes first.
    """

    def __init__(self, **columns: dict[str, models.Field]) -> None:
        self._columns = [(model, name) for model, fields in columns.items() for name in fields]
        super().__init__(
            state_operations=[
                migrations.AddField(model, name, columns[model][name])
                for model, name in self._columns
            ]
        )

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        before, after = from_state.apps, to_state.apps
        for model, name in self._columns:
            field = after.get_model(app_label, model)._meta.get_field(name)
            schema_editor.add_field(before.get_model(app_label, model), field)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        for model_name, name in reversed(self._columns):
            model = from_state.apps.get_model(app_label, model_name)
            schema_editor.remove_field(model, model._meta.get_field(name))


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
    """Return None if there is no such index."""
    sql = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(quote_ident(%s))"
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(sql, [name])
        row = cursor.fetchone()
    return None if row is None else bool(row[0])
