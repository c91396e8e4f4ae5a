"""Telling a database that is away from a bug of ours."""

from django.db import InterfaceError, InternalError, OperationalError
from psycopg.errors import (
    IdleInTransactionSessionTimeout,
    ReadOnlySqlTransaction,
    TransactionTimeout,
)

#: What PostgreSQL calls internal errors, and what is only one more session that is of no use, with
#: nothing committed: it was silent for too long, or its server has become a standby.
USELESS = (IdleInTransactionSessionTimeout, ReadOnlySqlTransaction, TransactionTimeout)


def is_away(error: BaseException) -> bool:
    """Whether the same work may succeed on a new connection, as it is, a moment later."""
    if isinstance(error, InternalError):
        return isinstance(error.__cause__, USELESS)
    return isinstance(error, OperationalError | InterfaceError)
