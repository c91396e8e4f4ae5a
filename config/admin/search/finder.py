"""The parts that all finders share: reading for a bounded time, by indexes alone."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Model, Q, QuerySet
from psycopg.errors import QueryCanceled

from config.admin.search.results import MayView, Result
from config.admin.search.term import Term

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


#: How many rows are read, to show the best of them.
READ = 200


@dataclass(frozen=True, slots=True)
class Matches:
    """The best rows; `note` says what they leave out."""

    rows: Sequence[Any] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds rows of one model. Only operators who may view the model get them."""

    #: The heading of its results.
    title: str
    model: type[Model]
    #: Whether such a term can name such a row; no query.
    suits: Callable[[Term], bool]
    #: At most so many of the rows that the term names. Called within `bounded.reading`.
    find: Callable[[Term, int], Matches]
    show: Callable[[Sequence[Any], MayView], list[Result]]
    #: Whether the whole term is the name of what is found: one result is opened at once.
    is_exact: bool = True


def is_name(term: Term) -> bool:
    """Return whether it has a letter or a digit: no index finds other characters."""
    return bool(re.search(r"[^\W_]", term.text))


def containing(text: str, *columns: str) -> Q:
    """Rows with the text in one of these columns; at its beginning if the text is short.

    An index of parts of words finds three characters anywhere, and fewer at a beginning.
    """
    lookup = "icontains" if Term(text).is_indexed else "istartswith"
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__{lookup}": text})
    return found


def best(rows: QuerySet[Any], limit: int, priority: Callable[[Any], Any]) -> Matches:
    """The first by `priority` of READ rows, so that a frequent name reads no more than those."""
    found = list(rows.order_by()[: READ + 1])
    shown = sorted(found[:READ], key=priority)[:limit]
    return Matches(shown, left_out(len(shown), len(found)))


def left_out(shown: int, found: int) -> str:
    """Say so where not all that were found are shown."""
    if found > READ:
        return f"More than {READ} match; these are some of them. Type more to narrow it down."
    return f"{shown} of {found}. Type more to narrow it down." if found > shown else ""
