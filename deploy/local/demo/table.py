"""The demo's table: every destination, live, until all have settled."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.local.demo.web import ask

LOOK_SECONDS = 0.5
#: Below these a table of every row is wrapped or cut.
WIDE_CHARS, FRAME_LINES = 140, 5
STYLES = {"published": "green", "failed": "red", "publishing": "yellow", "queued": "cyan"}


class DemoWall:
    """What the public of the simulated networks sees."""

    def __init__(self, simulator_url: str) -> None:
        self._url = simulator_url
        self._counts: dict[tuple[str, str], int] = {}

    def files_of(self, platform: str, post_id: str) -> int | None:
        """Return how many files the public post shows; None if there is no such post."""
        key = platform, post_id
        if key not in self._counts:
            found = ask("GET", f"{self._url}/wall.json?limit=1000&network={platform}").json()
            for post in found["posts"]:
                self._counts[platform, post["id"]] = len(post["media"])
        return self._counts.get(key)


@dataclass(frozen=True, slots=True)
class DemoRow:
    """One destination. `wanted_at` is when it was to be public."""

    what: str
    wanted_at: datetime
    result: dict[str, Any]
    wall: DemoWall
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
        result, seconds = self.result, self.lag_seconds()
        where = result.get("platform_post_url") or result.get("error") or ""
        return (
            self.what,
            result["platform"],
            result["account_name"],
            self.status,
            str(result["attempts"]),
            "" if seconds is None else f"{seconds:.0f} s",
            self.public(),
            where,
        )

    @property
    def seen(self) -> int | None:
        """Return how many files the wall shows of it; None if it is not there."""
        return self.wall.files_of(self.result["platform"], self.result["platform_post_id"] or "")

    @property
    def is_on_the_wall(self) -> bool:
        return self.seen == self.files

    def public(self) -> str:
        """Return what the wall shows of it."""
        if self.status != "published":
            return ""
        return "not seen" if self.seen is None else f"{self.seen} of {self.files} files"

    def lag_seconds(self) -> float | None:
        """From wanted to published; the API tells whole seconds."""
        if not self.result.get("published_at"):
            return None
        published = datetime.fromisoformat(self.result["published_at"]).astimezone(UTC)
        return max(0.0, (published - self.wanted_at).total_seconds())


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """What has become of a feature. `is_done`: it has been seen to work."""

    what: str
    is_done: bool
    seen: str


#: What reads a line again and again until it is done.
Look = Callable[[], FeatureRow]


def at_once(what: str, seen: str) -> Look:
    """A line that is done as soon as it is there."""
    return lambda: FeatureRow(what, bool(seen), seen)


@dataclass(frozen=True, slots=True)
class DemoView:
    """All that the demo shows at one moment."""

    rows: list[DemoRow]
    features: list[FeatureRow]

    @property
    def is_settled(self) -> bool:
        rows_are = all(row.is_settled for row in self.rows)
        return rows_are and all(each.is_done for each in self.features)


def watch(read: Callable[[], DemoView], seconds: float, console: Console) -> DemoView:
    """Show the view until all is settled or time is up; return what was seen last.

    Features that had no room for a line each get theirs below, at the end.
    """
    deadline = time.monotonic() + seconds
    view = read()
    # Only a terminal can be written to again in the same place.
    live = Live(show(view, console), console=console, auto_refresh=False)
    with live if console.is_terminal else nullcontext():
        while not view.is_settled and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
            view = read()
            if console.is_terminal:
                live.update(show(view, console), refresh=True)
    if not console.is_terminal:
        console.print(show(view, console))
    elif _is_small(view, console) and view.features:
        console.print(_features(view.features))
    return view


def show(view: DemoView, console: Console) -> RenderableType:
    """Every row where there is room; on a small terminal counts, and the rows to look at."""
    rows, features = view.rows, view.features
    if not _is_small(view, console):
        return Group(_table(rows), *([_features(features)] if features else []))
    counts = _counts(rows)
    room = console.height - counts.row_count - 2 * FRAME_LINES - 1
    return Group(counts, *_waiting(features), _to_look_at(rows, max(1, room)))


def _is_small(view: DemoView, console: Console) -> bool:
    lines = len(view.rows) + len(view.features) + 2 * FRAME_LINES
    return console.is_terminal and (console.width < WIDE_CHARS or console.height < lines)


def _features(features: list[FeatureRow]) -> Table:
    table = Table("feature", "state", "what was seen")
    for each in features:
        state, style = ("seen", "green") if each.is_done else ("waiting", "cyan")
        table.add_row(each.what, state, each.seen, style=style)
    return table


def _waiting(features: list[FeatureRow]) -> list[Text]:
    """One line about all features, where there is no room for each; none without features."""
    if not features:
        return []
    missing = [each.what for each in features if not each.is_done]
    text = f"  {len(features) - len(missing)} of {len(features)} features seen"
    if missing:
        text += f"; waiting for {', '.join(missing)}"
    return [Text(text, no_wrap=True, overflow="ellipsis")]


def _table(rows: list[DemoRow]) -> Table:
    table = Table("post", "platform", "account", "status", "attempts", "lag", "public", "where")
    for row in rows:
        table.add_row(*row.cells(), style=STYLES.get(row.status, ""))
    return table


def _counts(rows: list[DemoRow]) -> Table:
    """Network by network, how many rows are where."""
    table = Table("network", box=SIMPLE_HEAD)
    for title in ("posts", "published", "on the wall", "under way", "failed", "slowest"):
        table.add_column(title, justify="right")
    networks = list(dict.fromkeys(row.result["platform"] for row in rows))
    for network in [*networks, ""]:
        chosen = [row for row in rows if network in ("", row.result["platform"])]
        published = [row for row in chosen if row.status == "published"]
        failed = sum(row.is_settled and row.status == "failed" for row in chosen)
        seen = sum(row.is_on_the_wall for row in published)
        under_way = len(chosen) - len(published) - failed
        lags = [lag for row in published if (lag := row.lag_seconds()) is not None]
        slowest = f"{max(lags):.0f} s" if lags else ""
        numbers = map(str, (len(chosen), len(published), seen, under_way, failed))
        table.add_row(network or "all", *numbers, slowest)
    return table


def _to_look_at(rows: list[DemoRow], room: int) -> Table:
    """A line for each row that is not published, those that failed first."""
    unfinished = [row for row in rows if row.status != "published"]
    unfinished.sort(key=lambda row: row.status != "failed")
    table = Table(box=None, show_header=False, expand=True)
    for chars in (10, 9, 24):
        table.add_column(no_wrap=True, overflow="ellipsis", width=chars)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for row in unfinished[:room]:
        why = str(row.result.get("error") or "")
        table.add_row(
            row.status, row.result["platform"], row.what, why, style=STYLES.get(row.status, "")
        )
    if len(unfinished) > room:
        table.add_row("", "", f"and {len(unfinished) - room} more")
    return table
