"""Django looks for a backend's connections here.

They wait for the disk with each commit. Where the server, the database or the role says
`synchronous_commit = off`, a crash of PostgreSQL would forget that a post was about to be sent, and
it would be sent again.
"""

import select
from typing import Any

from django.db.backends.postgresql import base

#: Only `off` is changed: the other values wait for the disk too, and how far a commit waits for
#: standbys is the operator's choice. A row says that it is off; a pooler's session is shared with
#: others, so it is left as it is.
WAIT_FOR_DISK = """
    SELECT CASE WHEN pg_backend_pid() = %(pid)s
        THEN set_config('synchronous_commit', 'on', false) ELSE 'off' END
    WHERE current_setting('synchronous_commit') = 'off'
"""
#: In each transaction through a pooler, which may give each another session.
WAIT_LOCALLY = "SET LOCAL synchronous_commit = on"


class DatabaseWrapper(base.DatabaseWrapper):
    """A kept connection is not asked before each request whether it still works.

    A server that closed a connection, by a restart or otherwise, has said so, and the socket has
    something to read. Only then is `SELECT 1` worth its round trip: one statement less for each
    request of the API. A host that vanished without a word is found by the connection's timeouts,
    with that statement as without it.
    """

    connection: Any
    health_check_done: bool
    _asks_in_each_transaction = False

    def init_connection_state(self) -> None:
        super().init_connection_state()
        found = self.connection.execute(WAIT_FOR_DISK, {"pid": self.connection.info.backend_pid})
        self._asks_in_each_transaction = found.fetchone() == ("off",)

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)
        if self._asks_in_each_transaction and not autocommit:
            with self.wrap_database_errors:
                self.connection.execute(WAIT_LOCALLY)

    def close_if_health_check_failed(self) -> None:
        if self.connection is None or self.health_check_done or is_readable(self.connection):
            super().close_if_health_check_failed()
        else:
            self.health_check_done = True


def is_readable(connection: Any) -> bool:
    """Return whether something has arrived, or the connection is closed."""
    if connection.closed:
        return True
    asked = select.poll()
    asked.register(connection.fileno(), select.POLLIN)
    return bool(asked.poll(0))
