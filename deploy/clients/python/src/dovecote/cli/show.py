"""What the command line prints: tables for people, JSON for scripts."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.progress import MofNCompleteColumn, Progress, TaskID
from rich.table import Table
from rich.text import Text

from dovecote._calls import plain
from dovecote._workflows.importing import ImportOutcome
from dovecote._workflows.importing import Seen as ImportSeen
from dovecote._workflows.uploading import Progress as Seen
from dovecote.models import Account, PostWarning
from dovecote.outcomes import Destination, Outcome, State

STYLES: dict[State, str] = {
    "published": "green",
    "failed": "red",
    "may_be_live": "yellow",
    "pending": "cyan",
}
WORDS: dict[State, str] = {
    "published": "published",
    "failed": "failed",
    "may_be_live": "may be live",
    "pending": "pending",
}
#: 0 is what all scripts expect of success; 64 is a wrong command line, so that it is none of these.
EXIT_CODES: dict[State, int] = {"published": 0, "failed": 1, "may_be_live": 2, "pending": 3}

STANDS = {
    "processing": "It has not ended yet, and goes on.",
    "cancelled": "It was cancelled.",
    "stopped": "It could not go on.",
}

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def as_json(value: Any) -> None:
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {"post_id": outcome.post_id, "state": outcome.state} | {
        "destinations": [asdict(each) for each in outcome.destinations]
    }


def outcome_lines(outcome: Outcome) -> Text:
    """A line for each destination; on a terminal that is too narrow its link or reason has another.

    There is no frame, which would cut links: they are to be opened and copied.
    """
    rows = [
        (each, [clean(each.platform), clean(each.account_name), clean(_told(each))])
        for each in outcome.destinations
    ]
    words = max((cell_len(WORDS[each.state]) for each, _ in rows), default=0)
    networks, names, tolds = (
        max((row[column].cell_len for _, row in rows), default=0) for column in range(3)
    )
    is_wide = not out.is_terminal or words + networks + names + tolds + 6 <= out.width
    lines = [clean(f"{outcome.post_id}: {WORDS[outcome.state]}")]
    for each, (network, name, told) in rows:
        line = Text().append(WORDS[each.state].ljust(words), STYLES[each.state])
        network.pad_right(networks - network.cell_len)
        line.append("  ").append_text(network).append("  ").append_text(name)
        if told and is_wide:
            line.pad_right(names - name.cell_len + 2)
        elif told:
            line.append("\n  ")
        lines.append(line.append_text(told))
    return Text("\n").join(lines)


def outcome(seen: Outcome) -> None:
    """Print it. The terminal breaks what is too long, so that a link stays one."""
    out.print(outcome_lines(seen), soft_wrap=True)


def _told(destination: Destination) -> str:
    if destination.url:
        return destination.url
    parts = [destination.error or "", destination.to_do or ""]
    if destination.state == "pending" and destination.next_retry_at:
        parts.append(f"Tried again at {destination.next_retry_at:%Y-%m-%d %H:%M:%S %Z}.")
    return " ".join(part for part in parts if part)


@contextmanager
def following() -> Iterator[Callable[[Outcome], None]]:
    """What draws an outcome in place of the one before. The last one stays, also after Ctrl-C."""
    latest: list[Outcome] = []
    try:
        with Live(console=out, auto_refresh=False, transient=True) as live:

            def draw(seen: Outcome) -> None:
                if latest != [seen]:
                    live.update(outcome_lines(seen), refresh=True)
                latest[:] = [seen]

            yield draw
    finally:
        for each in latest:
            outcome(each)


def warned(warnings: Iterable[PostWarning]) -> None:
    """Print what will fail to the standard error: scripts read the same output as before."""
    for each in warnings:
        row = f"Row {each.row}: account" if each.row else "Account"
        err.print(clean(f"{row} {each.account_id} will fail: {each.message} [{each.code}]"))


def accounts_table(accounts: list[Account]) -> Table:
    table = Table()
    for heading in ("Id", "Network", "Account", "Status"):
        table.add_column(heading, overflow="fold")
    for each in accounts:
        status = str(each.health.status) if each.is_active else "inactive"
        style = "green" if status == "healthy" else "yellow"
        names = clean(each.platform), clean(each.account_name)
        table.add_row(str(each.id), *names, Text(status.replace("_", " "), style))
    return table


def imported(done: ImportOutcome, dry_run: bool) -> None:
    """Which rows are refused and why; then how many there are."""
    for warning in done.warnings:
        err.print(clean(warning))
    warned(done.foreseen)
    for row in done.results:
        for error in row.errors or ():
            field = f"{error.field}: " if error.field else ""
            out.print(clean(f"Row {row.row}: {field}{error.message} [{error.code}]"))
    made = "can be imported" if dry_run else "imported"
    if done.status != "completed":
        stands = STANDS.get(done.status, str(done.status))
        err.print(clean(" ".join(filter(None, [stands, done.reason, f"Import {done.import_id}"]))))
    counted = f"{done.valid} of {done.total} rows {made}"
    if done.existing:
        counted = f"{done.valid - done.existing} new, {done.existing} already there"
    out.print(f"{counted}; {done.invalid} refused.")


def clean(text: str) -> Text:
    """As it is: no markup of ours, no control characters for the terminal."""
    return Text("".join(each if each.isprintable() else " " for each in text))


@contextmanager
def uploading(quiet: bool) -> Iterator[Seen | None]:
    """A bar on the standard error for files that are sent."""
    if quiet or not err.is_terminal:
        yield None
        return
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("Uploading", total=None)
        yield lambda sent, total: bar.update(task, completed=sent, total=total)


@contextmanager
def importing(quiet: bool) -> Iterator[ImportSeen | None]:
    """A bar on the standard error for rows that workers import."""
    if quiet or not err.is_terminal:
        yield None
        return
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=err) as bar:
        tasks: list[TaskID] = []

        def show(seen: ImportOutcome) -> None:
            if not tasks:
                tasks.append(bar.add_task("Importing", total=seen.total))
            bar.update(tasks[0], completed=seen.done)

        yield show
