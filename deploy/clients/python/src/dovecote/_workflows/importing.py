"""Importing a file: at once, or by the server's workers, which are asked until they have ended."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from uuid import UUID

from dovecote import calls
from dovecote._exchange import Connection
from dovecote._steps import Sleep, Steps
from dovecote._workflows.waiting import FIRST_PAUSE_SECONDS, GROWTH
from dovecote.models import UNSET, Import, Imported, ImportWithResults, PostWarning, Row, WarnedMeta

#: Thousands of rows, each with files that are fetched.
IMPORT_SECONDS = 1800.0
LONGEST_PAUSE_SECONDS = 5.0
#: The most results that the server answers at once.
PAGE = 500
Status = Literal["processing", "completed", "cancelled", "stopped"]
Seen = Callable[["ImportOutcome"], None]


@dataclass(frozen=True)
class ImportOutcome:
    """How far an import is, and what became of its rows."""

    #: None: it was done at once.
    import_id: str | None
    #: `stopped`: it could not go on.
    status: Status
    total: int
    done: int
    valid: int
    invalid: int
    #: Why it was cancelled or stopped.
    reason: str | None = None
    #: What of the file was not read.
    warnings: Sequence[str] = ()
    #: What will fail of the rows that are accepted, if they were imported at once.
    foreseen: Sequence[PostWarning] = ()
    #: One of each row that has a result; empty while it is `processing`.
    results: Sequence[Row] = field(default=())

    @property
    def existing(self) -> int:
        """Return how many rows were imported before: nothing was made of them now."""
        return sum(bool(row.existing) for row in self.results)

    @property
    def is_final(self) -> bool:
        return self.status != "processing"


def import_file(
    connection: Connection,
    file: Path | tuple[str, bytes],
    *,
    dry_run: bool = False,
    again: str = "",
    wait: bool = True,
    timeout: float = IMPORT_SECONDS,
    seen: Seen | None = None,
    idempotency_key: str | None = None,
) -> Steps[ImportOutcome]:
    """Import posts from a file.

    Each row of a CSV or JSON file makes a post, as POST /posts does. `file` is its path, or its
    name and bytes. The server's workers import more than 500 rows, or rows with `media_urls`:
    with `wait` this asks until they have ended, as `imports.wait` does; without, see `import_id`
    of what is returned. `dry_run` only validates; rows that were imported under another word
    `again` are imported once more.
    """
    call = calls.import_posts(
        file, dry_run=dry_run, again=again or UNSET, idempotency_key=idempotency_key
    )
    answer = yield from connection.exchange(call)
    found = answer.data
    if isinstance(found, Imported):
        foreseen = answer.meta.warnings if isinstance(answer.meta, WarnedMeta) else UNSET
        counts = found.total, found.total, found.valid, found.invalid
        return ImportOutcome(
            None,
            "completed",
            *counts,
            warnings=found.warnings,
            foreseen=foreseen or (),
            results=found.results,
        )
    if not wait:
        return _outcome(found)
    return (yield from wait_for(connection, found.import_id, timeout, seen))


def wait_for(
    connection: Connection,
    import_id: UUID | str,
    timeout: float = IMPORT_SECONDS,
    seen: Seen | None = None,
) -> Steps[ImportOutcome]:
    """Return what becomes of an import that workers do, with the result of each row.

    Asks until it has ended; if it has not by `timeout` (seconds) it is `processing` in what is
    returned, and goes on by itself. `seen` is called with how far it is.
    """
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE_SECONDS
    while True:
        left = max(deadline - time.monotonic(), connection.timeout)
        latest = (yield from connection.exchange(calls.get_import(import_id, limit=1), left)).data
        outcome = _outcome(latest)
        if seen:
            seen(outcome)
        if outcome.is_final:
            return _outcome(latest, (yield from _results(connection, import_id)))
        if time.monotonic() >= deadline:
            return outcome
        yield Sleep(min(pause, max(deadline - time.monotonic(), 0.0)))
        pause = min(pause * GROWTH, LONGEST_PAUSE_SECONDS)


def _results(connection: Connection, import_id: UUID | str) -> Steps[list[Row]]:
    rows: list[Row] = []
    while True:
        call = calls.get_import(import_id, limit=PAGE, offset=len(rows))
        page = (yield from connection.exchange(call)).data
        rows += page.results
        if not page.results or not page.pagination.has_more:
            return rows


def _outcome(found: Import | ImportWithResults, results: Sequence[Row] = ()) -> ImportOutcome:
    status: Status = str(found.status)  # type: ignore[assignment]  # a newer server may add some
    counts = found.total, found.done, found.valid, found.invalid
    return ImportOutcome(
        str(found.import_id), status, *counts, found.reason, found.warnings, results=results
    )
