"""Read for a bounded time, by indexes alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

#: Sequential scans are for small tables only: an estimate that is wrong must not choose one. To
#: compile a statement takes longer than these statements do.
SETTINGS = """
SELECT set_config('statement_timeout', %s, true), set_config('enable_seqscan', 'off', true),
    set_config('jit', 'off', true)
"""


class TooSlow(Exception):
    """The statement did not end in its time."""


@contextmanager
def reading(milliseconds: int) -> Iterator[None]:
    """Raises TooSlow once a statement takes longer. Leaves the transaction around it usable."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(SETTINGS, [str(milliseconds)])
            yield
            # Nothing was written, and the settings end with the savepoint.
            transaction.set_rollback(True)
    except OperationalError as failure:
        if isinstance(failure.__cause__, QueryCanceled):
            raise TooSlow from failure
        raise
