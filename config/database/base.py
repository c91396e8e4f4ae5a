"""Django looks for a backend's connections here."""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A kept connection is not asked before each request whether it still works.

    A server that closed a connection, by a restart or otherwise, has said so, and the socket has
    something to read. Only then is `SELECT 1` worth its round trip: one statement less for each
    request of the API. A host that vanished without a word is found by the connection's timeouts,
    with that statement as without it.
    """

    connection: Any
    health_check_done: bool

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
