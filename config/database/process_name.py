"""What PostgreSQL shows of each process, in pg_stat_activity and its log."""

import os
import socket

PREFIX = "dovecote"
#: PostgreSQL cuts names of more than 63 bytes: the number at the end must stay.
HOST_CHARS = 30


def tell(kind: str) -> None:
    """Call this process `dovecote KIND HOST NUMBER`, unless an operator has named it.

    Call it before the first connection.
    """
    # The variable of PostgreSQL's client library.
    host = socket.gethostname()[:HOST_CHARS]
    os.environ.setdefault("PGAPPNAME", f"{PREFIX} {kind} {host} {os.getpid()}")
