"""What `make demo` shows, on the terminals that people have."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from deploy.local.demo.networks import KINDS
from deploy.local.demo.table import DemoRow, DemoView, FeatureRow, show, watch

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Wall:
    def files_of(self, platform: str, post_id: str) -> int:
        return 1


def row(number: int, platform: str, status: str, error: str = "") -> DemoRow:
    published_at = NOW + timedelta(seconds=number) if status == "published" else None
    result = {
        "platform": platform,
        "account_name": "@pigeonpost",
        "status": status,
        "attempts": 1,
        "platform_post_id": str(number),
        "platform_post_url": f"https://example.com/{number}" if published_at else None,
        "error": error,
        "published_at": published_at and published_at.isoformat(),
        "next_retry_at": None,
    }
    return DemoRow(f"what {number}", NOW, result, Wall(), 1)


def shown(rows: list[DemoRow], width: int, height: int) -> list[str]:
    written = io.StringIO()
    console = Console(
        file=written, width=width, height=height, force_terminal=True, color_system=None
    )
    console.print(show(DemoView(rows, []), console))
    return written.getvalue().splitlines()


@pytest.mark.parametrize("unfinished", [0, 3, 40])
def test_a_small_terminal_shows_every_network_and_what_to_look_at(unfinished):
    rows = [row(number, kind.platform, "published") for number, kind in enumerate(KINDS)]
    for number in range(unfinished):
        rows[number] = row(number, KINDS[number].platform, "queued")
    rows[-1] = row(99, "threads", "failed", "Threads said no, " * 20)

    lines = shown(rows, 80, 24)

    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert all(f"\n  {platform} " in text for platform in {kind.platform for kind in KINDS})
    counted = lines[next(i for i, line in enumerate(lines) if line.startswith("  all"))].split()
    published = len(rows) - 1 - unfinished
    assert counted[1:6] == [str(n) for n in (len(rows), published, published, unfinished, 1)]
    to_look_at = [
        line for line in lines if line.startswith((" failed", " queued", "failed", "queued"))
    ]
    assert to_look_at[0].split()[:2] == ["failed", "threads"]
    assert len(to_look_at) + sum(int(n) for n in _more(lines)) == unfinished + 1


def _more(lines: list[str]) -> list[str]:
    return [line.split()[1] for line in lines if line.strip().startswith("and ")]


def test_a_large_terminal_shows_every_row():
    rows = [row(number, kind.platform, "published") for number, kind in enumerate(KINDS)]

    lines = shown(rows, 180, len(rows) + 10)

    assert sum(" published " in line for line in lines) == len(rows)


def test_features_are_a_line_each_where_there_is_room_and_one_line_otherwise():
    rows = [row(number, kind.platform, "published") for number, kind in enumerate(KINDS)]
    features = [
        FeatureRow("webhook", True, "post.published"),
        FeatureRow("deletion", False, "soon"),
    ]

    written = io.StringIO()
    Console(file=written, width=180, height=200, force_terminal=True, color_system=None).print(
        show(DemoView(rows, features), Console(width=180, height=200, force_terminal=True))
    )
    wide = written.getvalue()
    small = Console(width=80, height=24, force_terminal=True, color_system=None, file=io.StringIO())
    small.print(show(DemoView(rows, features), small))

    assert "post.published" in wide
    assert "soon" in wide
    assert "1 of 2 features seen; waiting for deletion" in small.file.getvalue()


def test_on_a_small_terminal_each_feature_has_its_line_at_the_end():
    rows = [row(number, kind.platform, "published") for number, kind in enumerate(KINDS)]
    view = DemoView(
        rows, [FeatureRow("webhook", True, "post.published"), FeatureRow("agent", True, "24 tools")]
    )
    small = Console(width=80, height=24, force_terminal=True, color_system=None, file=io.StringIO())

    assert watch(lambda: view, 1, small) == view

    written = small.file.getvalue()
    assert "2 of 2 features seen" in written
    assert re.search(
        r"│ webhook +│ seen +│ post.published +│\n│ agent +│ seen +│ 24 tools", written
    )
