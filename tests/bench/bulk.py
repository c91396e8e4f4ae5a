"""Rows by the million, made by PostgreSQL itself."""

from django.db import connection

#: Those that no constraint needs are built after the rows are there.
OTHER_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = %s AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def copy(model: type, count: int, joined: str, values: dict[str, str]) -> None:
    """`count` rows like the only one there is; `values` are SQL, `n.n` is each row's number.

    New columns need no change here. Neither triggers nor foreign keys are checked.
    """
    fields = [f for f in model._meta.concrete_fields if not f.generated]
    columns = [f.column for f in fields if f.column in values or f.column != "id"]
    chosen = ", ".join(values.get(column, f"like_.{column}") for column in columns)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(OTHER_INDEXES, [table])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen}"
            f" FROM (SELECT * FROM {table} LIMIT 1) AS like_"
            f" CROSS JOIN generate_series(0, {count - 1}) AS n {joined}"
        )
        cursor.execute("RESET session_replication_role")
        for _, definition in indexes:
            cursor.execute(definition)


def number(model: type, name: str) -> str:
    """A table of the ids of all rows, from 0."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {name} AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS n"
            f" FROM {model._meta.db_table}; CREATE INDEX ON {name} (n); ANALYZE {name}"
        )
    return name
