"""The demo's table: every destination, live, until all have settled."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from config.local.demo_wall import Wall

LOOK_SECONDS = 0.5
STYLES = {"published": "green", "failed": "red", "publishing": "yellow", "queued": "cyan"}


@dataclass(frozen=True, slots=True)
class Row:
    """One destination. `wanted_at` is when it was to be public."""

    what: str
    wanted_at: datetime
    result: dict[str, Any]
    wall: Wall
    #: How many files the public is to see in it.
    files: int

    @property
    def status(self) -> str:
        return str(self.result["status"])

    @property
    def is_settled(self) -> bool:
        waits = self.result.get("next_retry_at") is not None
        return self.status == "published" or (self.status == "failed" and not waits)

    def cells(self) -> tuple[str, ...]:
        result = self.result
        where = result.get("platform_post_url") or result.get("error") or ""
        return (
            self.what,
            result["platform"],
            result["account_name"],
            self.status,
            str(result["attempts"]),
            self.lag(),
            self.public(),
            where,
        )

    @property
    def is_on_the_wall(self) -> bool:
        seen = self.wall.files_of(self.result["platform"], self.result["platform_post_id"] or "")
        return seen == self.files

    def public(self) -> str:
        """What the wall shows of it."""
        if self.status != "published":
            return ""
        seen = self.wall.files_of(self.result["platform"], self.result["platform_post_id"] or "")
        return "not seen" if seen is None else f"{seen} of {self.files} files"

    def lag(self) -> str:
        """From wanted to published; the API tells whole seconds."""
        if not self.result.get("published_at"):
            return ""
        published = datetime.fromisoformat(self.result["published_at"]).astimezone(UTC)
        return f"{max(0.0, (published - self.wanted_at).total_seconds()):.0f} s"


def watch(read: Callable[[], list[Row]], seconds: float, console: Console) -> list[Row]:
    """Show the rows until all are settled or time is up; return what was seen last."""
    deadline = time.monotonic() + seconds
    rows = read()
    # Only a terminal can be written to again in the same place.
    live = Live(_table(rows), console=console, auto_refresh=False) if console.is_terminal else None
    with live or nullcontext():
        while not all(row.is_settled for row in rows) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            rows = read()
            if live:
                live.update(_table(rows), refresh=True)
    if live is None:
        console.print(_table(rows))
    return rows


def _table(rows: list[Row]) -> Table:
    table = Table("post", "platform", "account", "status", "attempts", "lag", "public", "where")
    for row in rows:
        style = STYLES.get(row.status, "")
        table.add_row(*row.cells(), style=style)
    return table
