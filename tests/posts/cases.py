"""Cases of one test, in a loop: setting up once for all of them costs less than for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from reprlib import repr as shortened

from django.db import transaction


@contextmanager
def named(*case: object) -> Iterator[None]:
    """A failure within names its case."""
    try:
        yield
    except BaseException as failure:
        failure.add_note(f"Case: {', '.join(map(shortened, case))}")
        raise


@contextmanager
def apart(*case: object) -> Iterator[None]:
    """The same, and what it changes in the database is undone for the next case."""
    with named(*case), transaction.atomic():
        yield
        transaction.set_rollback(True)
