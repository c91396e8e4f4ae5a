"""What was seen, when and on what machine, as a page of the project."""

import argparse
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos import measured, table
from tests.chaos.books import Verdict
from tests.chaos.played import Played

PAGE = """\
# What `make chaos` has shown

{day}, seeds {seeds}: {n} destinations or more per scenario, network and seed; lease {lease} s.
{machine}; {at_once} stacks at a time, each with its own PostgreSQL, Redis, web, beat, two workers
and simulator. {plays} plays of {scenarios} scenarios{broken_off}.

Seconds are until a post was public by its network's clock: since it was due, since what broke was
whole again, or since the post before it of its account was public, whichever came last. What was
late is excepted where a fact excuses it, as `times.py` says, and its seconds are left out. "-" is
where no time is promised. Columns of zeros are left out. [README.md](README.md) says what breaks in
each scenario and which times are promised{patience}.

{table}
{measured}
{foot}
"""


def write(
    path: Path,
    found: Mapping[str, Sequence[Verdict]],
    foot: Sequence[str],
    chosen: argparse.Namespace,
    played: Sequence[Played],
    left: int,
) -> None:
    page = PAGE.format(
        day=f"{datetime.now(UTC):%d %B %Y}",
        seeds=", ".join(str(seed) for seed in sorted({each.seed for each in played})),
        n=chosen.n,
        lease=chosen.lease,
        patience=f"; here they were {chosen.patience:g} times as long" * (chosen.patience != 1),
        machine=_machine(),
        at_once=chosen.at_once,
        plays=len(played),
        scenarios=len({each.name for each in played}),
        broken_off=f"; broken off {left} plays before the end" if left else "",
        table=table.markdown(found),
        measured=_measured(played),
        foot="\n".join(foot),
    )
    path.write_text(page)


def _measured(played: Sequence[Played]) -> str:
    lines = measured.rows(played)
    return f"\n{measured.markdown(lines)}\n" if lines else ""


def _machine() -> str:
    python = f"Python {platform.python_version()}"
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, {python}"
