"""Execute statements on Django's connection, and tell a lost database from a bug of ours.

PostgreSQL parses and plans a prepared statement once per connection, instead of at each call.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.db.backends.utils import debug_transaction
from psycopg.errors import (
    IdleInTransactionSessionTimeout,
    LockNotAvailable,
    QueryCanceled,
    ReadOnlySqlTransaction,
    TransactionTimeout,
)

#: `%(name)s`, `%s`, or a percent sign written twice.
PARAMETER = re.compile(r"%(?:\((\w+)\)s|s|%)")
#: The state of a result that has rows, or could have.
ROWS = psycopg.pq.ExecStatus.TUPLES_OK
#: Plans are made anew so often: one made while a table was small reads all of it when it is large.
PLAN_SECONDS = 10
_planned_at: WeakKeyDictionary[psycopg.Connection[Any], float] = WeakKeyDictionary()


def execute(sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Execute a statement on Django's connection; returns its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        # Not its `description`, which is made for each column at each call.
        return list(cursor.fetchall()) if cursor.pgresult.status == ROWS else []


@contextmanager
def planning(**settings: str) -> Iterator[None]:
    """Read with these settings of PostgreSQL. Nothing is written: they end with the savepoint."""
    with transaction.atomic():
        each = ", ".join(["set_config(%s, %s, true)"] * len(settings))
        execute(f"SELECT {each}", [word for setting in settings.items() for word in setting])
        yield
        transaction.set_rollback(True)


def execute_prepared(sql: str, values: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute a statement on Django's connection; returns its rows.

    Its parameters, `%(name)s` or `%s`, are sent apart from it, so PostgreSQL must be able to tell
    their types. Without `prepare_threshold` in the options of the database, nothing is kept on the
    server.
    """
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    with connection.wrap_database_errors:
        _forget_old_plans(raw)
    numbered, names = _numbered(sql)
    # Django's own log of statements finds no text in a cursor that has prepared its statement.
    plain: Any = psycopg.RawCursor(raw)
    with debug_transaction(connection, sql), connection.make_cursor(plain) as cursor:
        given = [values[name] for name in names] if isinstance(values, Mapping) else values
        cursor.execute(numbered, given)
        return list(cursor.fetchall()) if cursor.pgresult.status == ROWS else []


@lru_cache(maxsize=500)
def _numbered(sql: str) -> tuple[str, list[str]]:
    """Return the statement as PostgreSQL reads it, and the names of $1, $2 and so on.

    psycopg does so too, but reads statements of more than 4 KB again at each call.
    """
    names = list(dict.fromkeys(filter(None, PARAMETER.findall(sql))))
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    places = count(1)

    def write(found: re.Match[str]) -> str:
        return "%" if found[0] == "%%" else numbers.get(found[1]) or f"${next(places)}"

    return PARAMETER.sub(write, sql), names


def _forget_old_plans(raw: psycopg.Connection[Any]) -> None:
    now = time.monotonic()
    if now - _planned_at.setdefault(raw, now) > PLAN_SECONDS:
        raw.execute("DISCARD PLANS")
        _planned_at[raw] = now


#: PostgreSQL calls these internal errors, but only the session is lost, with nothing committed: it
#: was silent for too long, or its server has become a standby.
LOST_SESSION = (IdleInTransactionSessionTimeout, ReadOnlySqlTransaction, TransactionTimeout)


def is_away(error: BaseException) -> bool:
    """Return whether the same work may succeed a moment later on a new connection."""
    if isinstance(error, InternalError):
        return isinstance(error.__cause__, LOST_SESSION)
    return isinstance(error, OperationalError | InterfaceError)


def is_locked(error: BaseException) -> bool:
    """Return whether a lock was not given in time, or another thread cancelled the wait."""
    return isinstance(error.__cause__, LockNotAvailable | QueryCanceled)
