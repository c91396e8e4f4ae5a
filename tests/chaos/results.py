"""What was seen, when and on what machine, as a page of the project."""

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos import table
from tests.chaos.played import Played
from tests.chaos.registry import SCENARIOS


def write(
    path: Path,
    shown: Sequence[Sequence[str]],
    harm: Sequence[str],
    chosen: argparse.Namespace,
    played: Sequence[Played],
) -> None:
    seeds = ", ".join(str(seed) for seed in chosen.seed or [0])
    promises = [
        f"- `{name}`: {SCENARIOS[name].promise}" for name in {each.name: 0 for each in played}
    ]
    path.write_text(
        "\n".join(
            [
                "# What `make chaos` has shown",
                "",
                f"{datetime.now(UTC):%d %B %Y}, seeds {seeds}, {chosen.n} destinations per scenario, "
                f"network and seed, lease {chosen.lease} s; {_machine()}; {chosen.at_once} stacks at "
                "the same time, each with its own PostgreSQL, Redis, web, beat, two workers and "
                "simulator.",
                "",
                "Seconds are from when a destination was due, or from the break (after an outage: "
                "from its end) if that came later, to its final status.",
                "",
                table.markdown(shown),
                "",
                "\n".join(harm) or "Nothing was public twice, lost, or told wrongly.",
                "",
                "## What each scenario shows",
                "",
                *promises,
                "",
            ]
        )
    )


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
