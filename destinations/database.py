"""Telling a database that is away from a bug of ours."""

from django.db import InterfaceError, InternalError, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout, TransactionTimeout

#: PostgreSQL ends a session that was silent for too long within a transaction. It calls this an
#: internal error; to us it is one more connection that is gone, with nothing committed.
ENDED = (IdleInTransactionSessionTimeout, TransactionTimeout)


def is_away(error: BaseException) -> bool:
    """Whether the same work may succeed on a new connection, as it is, a moment later."""
    if isinstance(error, InternalError):
        return isinstance(error.__cause__, ENDED)
    return isinstance(error, OperationalError | InterfaceError)
