"""The whole crash matrix: every failpoint on every network, on real processes.

`python -m tests.chaos [--seed N] [--only failpoint] [--network x]`; ends with 1 if any post is
public twice, lost, or told wrongly. Some networks are sure only minutes later that nothing is
public, so the whole takes about a quarter of an hour.
"""

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import django

import tests.services  # noqa: F401 - starts PostgreSQL and Redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from destinations import failpoints  # noqa: E402
from platforms.registry import ADAPTERS  # noqa: E402
from tests.acceptance.stack import running  # noqa: E402
from tests.chaos import cells  # noqa: E402
from tests.chaos.cells import Cell, Outcome  # noqa: E402

#: Where a refresh token is good for more than one use. Elsewhere a pair that is lost with its
#: worker is lost for good, and the account has to be reconnected.
REUSABLE = ("youtube",)
POINTS = list(failpoints.NAMES)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seed", type=int, default=0, help="the order of the cells")
    parser.add_argument("--only", choices=POINTS, help="this failpoint alone")
    parser.add_argument("--network", choices=list(ADAPTERS), help="this network alone")
    parser.add_argument("--settle", type=float, default=900, help="seconds to wait for the truth")
    chosen = parser.parse_args()
    points = [chosen.only] if chosen.only else POINTS
    networks = [chosen.network] if chosen.network else list(ADAPTERS)
    wanted = [
        Cell(point, network)
        for point in points
        for network in networks
        if point != failpoints.REFRESHED or network in REUSABLE
    ]
    random.Random(chosen.seed).shuffle(wanted)
    with tempfile.TemporaryDirectory() as home, running(Path(home), 0) as stack:
        stack.kill("worker")
        outcomes = cells.run(stack, wanted, chosen.settle)
    show(outcomes, points, networks)
    return 0 if all(outcome.is_true for outcome in outcomes.values()) else 1


def show(outcomes: Mapping[Cell, Outcome], points: list[str], networks: list[str]) -> None:
    print(f"{'':10}" + "".join(f"{network:>16}" for network in networks))
    for point in points:
        row = [outcomes.get(Cell(point, network)) for network in networks]
        words = [f"{o.word} {o.seconds:.0f} s" if o else "" for o in row]
        print(f"{point:10}" + "".join(f"{word:>16}" for word in words))
    for cell, outcome in outcomes.items():
        if not outcome.is_true:
            print(f"{cell}: {outcome.word}: {outcome.detail}")


if __name__ == "__main__":
    sys.exit(main())
