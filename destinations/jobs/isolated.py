"""Do the same for many rows of many customers, so that one that fails holds up no other."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any

import structlog

from destinations.runtime import database

log = structlog.get_logger()


def each(work: Callable[[Any], int | None], items: Iterable[Any], name: str) -> int:
    """Call `work` with each item and return the sum; what one raises is logged.

    Raises if the database is away.
    """
    done = 0
    for item in items:
        try:
            done += work(item) or 0
        except Exception as failure:  # a bug of ours, or a row that we did not expect
            if database.is_away(failure):
                raise
            log.exception("job_failed", job=name, item=str(item))
    return done


def together(work: Callable[[Sequence[Any]], int], items: Sequence[Any], name: str) -> int:
    """Call `work` with all items; if it raises, with each alone, as `each` does."""
    try:
        return work(items)
    except Exception as failure:  # each alone says which one it is
        if database.is_away(failure):
            raise
        return each(lambda item: work([item]), items, name)


def call_all(functions: Sequence[Callable[[], object]]) -> None:
    """Call each function, also if one before it raises; that is raised at the end."""
    with ExitStack() as stack:
        for function in reversed(functions):
            stack.callback(function)
