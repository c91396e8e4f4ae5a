"""Play one scenario on a stack of its own; print its verdicts and measures as JSON, one a line.

`python -m tests.chaos.play NAME --n N --seed SEED [--lease SECONDS] [--patience FACTOR]`
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# The stack's own servers are told to its processes; this one only reads settings.
os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = "postgres://none", "redis://none"

import django  # noqa: E402

django.setup()

from tests.chaos.books import Verdict  # noqa: E402
from tests.chaos.ground import ground  # noqa: E402
from tests.chaos.registry import SCENARIOS  # noqa: E402
from tests.chaos.scenario import Scenario  # noqa: E402


def play(
    home: Path, scenario: Scenario, n: int, seed: int, lease: int, patience: float
) -> tuple[list[Verdict], dict[str, float]]:
    """What became of every destination that was asked for while the scenario was played, and what
    was measured."""
    make = scenario.ground or ground
    with make(home, scenario, n, seed, {"LEASE_SECONDS": str(lease)}) as field:
        field.patience = patience
        scenario.play(field)
        field.settle()
        return field.verdicts(), field.measures()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.play")
    parser.add_argument("name", choices=list(SCENARIOS))
    parser.add_argument("--n", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lease", type=int, default=60)
    parser.add_argument("--patience", type=float, default=1.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as home:
        scenario = SCENARIOS[chosen.name]
        verdicts, measures = play(
            Path(home), scenario, chosen.n, chosen.seed, chosen.lease, chosen.patience
        )
    for verdict in verdicts:
        print(json.dumps(asdict(verdict)), flush=True)
    print(json.dumps({"measures": measures}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
