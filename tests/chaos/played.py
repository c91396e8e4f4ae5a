"""One scenario played by a process of its own, which takes everything it started with it."""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from tests import programs
from tests.acceptance.stack import ROOT, dying_with_us
from tests.chaos.books import Verdict


@dataclass(frozen=True)
class Played:
    name: str
    seed: int
    verdicts: list[Verdict]
    #: Why it could not be played to its end; empty if it was.
    failure: str
    seconds: float
    #: What was measured beside the verdicts, by name.
    measures: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        words = dict(Counter(verdict.word for verdict in self.verdicts))
        measures = {name: round(value, 1) for name, value in self.measures.items()}
        return f"{self.failure[-3000:] or words} {measures or ''} in {self.seconds:.0f} s"


def play(name: str, *, n: int, seed: int, lease: int, patience: float = 1.0) -> Played:
    """`patience` multiplies the times that are promised, for machines that are busy."""
    begun = time.monotonic()
    options = ["--n", str(n), "--seed", str(seed), "--lease", str(lease)]
    options += ["--patience", str(patience)]
    command = [sys.executable, "-m", "tests.chaos.play", name, *options]
    done = programs.run([*dying_with_us(), *command], cwd=ROOT)
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    verdicts = [Verdict(**each) for each in said if "measures" not in each]
    measures = {name: value for each in said for name, value in each.get("measures", {}).items()}
    failure = (
        "" if done.returncode == 0 else f"{done.stderr[-6000:]} (ended with {done.returncode})"
    )
    return Played(name, seed, verdicts, failure, time.monotonic() - begun, measures)
