"""Tell a lost database from a bug of ours."""

from django.db import InterfaceError, InternalError, OperationalError
from psycopg.errors import (
    IdleInTransactionSessionTimeout,
    LockNotAvailable,
    QueryCanceled,
    ReadOnlySqlTransaction,
    TransactionTimeout,
)

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
