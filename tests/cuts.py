"""How a connection to the database becomes useless, always by PostgreSQL's own doing."""

import time

import psycopg
from django.db import connection

ALIVE = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"


def cut() -> None:
    """Another session ends this thread's session."""
    with _another() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [_pid()])


def fall_silent() -> None:
    """Say nothing in a transaction until the server ends the session, as a frozen process would."""
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '1ms'")
    give_up_at = time.monotonic() + 20
    with _another() as other:
        while other.execute(ALIVE, [_pid()]).fetchone() != (0,):
            assert time.monotonic() < give_up_at
            time.sleep(0.01)


def demote() -> None:
    """Its server takes no more writes, as a primary that has become a standby."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute("SET TRANSACTION READ ONLY")


def _pid() -> int:
    return connection.connection.info.backend_pid


def _another() -> psycopg.Connection:
    return psycopg.connect(**connection.get_connection_params(), autocommit=True)
