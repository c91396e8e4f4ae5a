"""What PostgreSQL counts: WAL, and updates that touched no index (HOT)."""

from django.db import connection

SHARES = """
SELECT relname, n_tup_hot_upd, n_tup_upd FROM pg_stat_user_tables
WHERE n_tup_upd > 0 AND relname ~ '^(destinations|posts)_' ORDER BY n_tup_upd DESC
"""


def wal_bytes() -> int:
    """The length of the WAL so far."""
    return int(_row("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0])


def version() -> str:
    return str(_row("SHOW server_version")[0])


def reset() -> None:
    """Count updates from now on."""
    _row("SELECT pg_stat_reset()")


def updates() -> dict[str, tuple[int, int]]:
    """(HOT updates, all updates) per table; a connection reports its own when it ends."""
    with connection.cursor() as cursor:
        cursor.execute(SHARES)
        return {table: (hot, every) for table, hot, every in cursor.fetchall()}


def _row(sql: str) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()
