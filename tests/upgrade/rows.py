"""What the tables of a version hold, so that a migration's effect on rows is seen."""

from typing import NamedTuple

from tests.acceptance.stack import Stack

#: Kept by frameworks, or rewritten at each migration on purpose.
NOT_OURS = ("django_", "auth_", "axes_", "otp_")
COLUMNS = """
SELECT table_name, array_agg(column_name::text ORDER BY column_name) FROM information_schema.columns
JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' GROUP BY table_name
"""


class Contents(NamedTuple):
    columns: tuple[str, ...]
    count: int
    digest: str


def snapshot(stack: Stack) -> dict[str, Contents]:
    """The rows of each table of Dovecote: how many, and a digest of all that they say."""
    tables = {name: tuple(columns) for name, columns in stack.rows(COLUMNS)}
    return {
        name: _contents(stack, name, columns)
        for name, columns in tables.items()
        if not name.startswith(NOT_OURS)
    }


def assert_unchanged(stack: Stack, before: dict[str, Contents]) -> None:
    """Every row is there, with the same values in the columns that it had."""
    for name, contents in before.items():
        now = _contents(stack, name, contents.columns)
        assert now == contents, f"The migration changed rows of {name}: {contents} to {now}"


def _contents(stack: Stack, table: str, columns: tuple[str, ...]) -> Contents:
    listed = ", ".join(f'"{column}"' for column in columns)
    ((count, digest),) = stack.rows(
        f"SELECT count(*), md5(coalesce(string_agg(line, ',' ORDER BY line), ''))"
        f" FROM (SELECT ROW({listed})::text AS line FROM {table}) AS lines"
    )
    return Contents(columns, count, digest)
