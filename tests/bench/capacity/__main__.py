"""`python -m tests.bench.capacity`: the table of deploy/CAPACITY.md, or one installation.

`--destinations 100000 --workers 8` asks for one; its other settings are options as well.
"""

import argparse
from dataclasses import fields, replace
from typing import Final

from tests.bench.capacity.costs import MEASURED_SPIKE, Setup
from tests.bench.capacity.model import Outcome, simulate

SEED: Final = 7
#: Installations of the page, each with as many workers as help.
RAISED: Final = {"in_flight": 1_000, "claim_ahead": 5_000}
MOST: Final = {"grain": 20, "in_flight": 1_000, "claim_ahead": 20_000, "claim_limit": 1_000}
TABLE: Final = (
    Setup(1_000, workers=2, postgres_cores=2),
    Setup(10_000, workers=2, postgres_cores=2),
    Setup(10_000, workers=2, postgres_cores=2, **RAISED),
    Setup(100_000, workers=4, postgres_cores=4, grain=4, **RAISED),
    Setup(1_000_000, workers=12, postgres_cores=8, **MOST),
    Setup(1_000_000, workers=24, postgres_cores=16, **MOST),
)
HEADINGS: Final = (
    "destinations", "workers", "PostgreSQL cores", "`IN_FLIGHT`", "`CLAIM_AHEAD`", "`CLAIM_LIMIT`",
    "start lag p50", "p99", "all published", "workers busy", "PostgreSQL busy", "claiming",
    "commits",
)  # fmt: skip
NUMBERS: Final = [each.name for each in fields(Setup) if each.type in (int, "int")]


def row(setup: Setup, found: Outcome) -> str:
    cells = (
        f"{setup.destinations:,}",
        str(setup.workers),
        str(setup.postgres_cores),
        f"{setup.in_flight:,}",
        f"{setup.claim_ahead:,}",
        f"{setup.claim_limit:,}",
        f"{found.percentile(50):.1f} s",
        f"{found.percentile(99):.1f} s",
        f"{found.seconds:.0f} s",
        f"{found.worker_share:.0%}",
        f"{found.postgres_share:.0%}",
        f"{found.claim_share:.0%}",
        f"{found.commits_per_second:,.0f}/s",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.capacity")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--flush-ms", type=float, help="how long a commit takes to be durable")
    parser.add_argument("--spike", action="store_true", help="the one of tests/bench/RESULTS.md")
    for name in NUMBERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int)
    asked = vars(parser.parse_args())
    seed, is_spike, flush = asked.pop("seed"), asked.pop("spike"), asked.pop("flush_ms")
    given = {name: value for name, value in asked.items() if value is not None}
    base = MEASURED_SPIKE if is_spike else Setup(10_000, workers=2, postgres_cores=2)
    setups = [replace(base, **given)] if given or is_spike else TABLE
    if flush is not None:
        setups = [replace(one, costs=replace(one.costs, flush=flush / 1000)) for one in setups]
    print(f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}")
    for setup in setups:
        print(row(setup, simulate(setup, seed)), flush=True)


if __name__ == "__main__":
    main()
