"""How a connection to the database becomes useless, always by PostgreSQL's own doing."""

import psycopg
from django.db import connection

from tests.psql import psql
from tests.until import until

ALIVE = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"


def cut() -> None:
    """Another session ends this thread's session."""
    with _another() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [_pid()])


def fall_silent() -> None:
    """Say nothing in a transaction until the server ends the session, as a frozen process would."""
    psql("SET idle_in_transaction_session_timeout = '1ms'")
    with _another() as other:
        until(lambda: other.execute(ALIVE, [_pid()]).fetchone() == (0,))


def demote() -> None:
    """Its server takes no more writes, as a primary that has become a standby."""
    psql("SET default_transaction_read_only = on")
    psql("SET TRANSACTION READ ONLY")


def _pid() -> int:
    return connection.connection.info.backend_pid


def _another() -> psycopg.Connection:
    return psycopg.connect(**connection.get_connection_params(), autocommit=True)
