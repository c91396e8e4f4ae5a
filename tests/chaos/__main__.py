"""Play scenarios, a few at once, and compare the books: `python -m tests.chaos`.

`--scenario NAME` (may be repeated, and be the beginning of several names), `--n` destinations per
network, `--seed S` (may be repeated), `--at-once` stacks, `--patience FACTOR` for promised times.
Ends with 1 if anything was public twice, late, lost, told wrongly or out of its turn, if a scenario
broke off, or if what a `real-*` one runs cannot be had. What cannot be played on this machine is
named below the table. `--results FILE` writes the table down.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.chaos import measured, results, table
from tests.chaos.books import Verdict
from tests.chaos.ground import migrated
from tests.chaos.played import Played, play
from tests.chaos.registry import SCENARIOS

#: Most of a play is waiting for leases and networks.
AT_ONCE = 2 * (os.cpu_count() or 1)


def main() -> int:
    chosen = _arguments()
    meant = chosen.scenario or [""]
    names = [name for name, each in SCENARIOS.items() if any(map(each.is_meant, meant))]
    if not names:
        sys.exit(f"No such scenario. There are: {', '.join(SCENARIOS)}.")
    # A scenario's seeds together: the last plays of a run are then not the longest ones.
    games = [
        (name, seed) for name in names for seed in chosen.seed or [0] if not SCENARIOS[name].needs
    ]
    played: list[Played] = []
    found, foot, harm = _report(played, names)
    with migrated(), ThreadPoolExecutor(chosen.at_once) as lanes:
        for game in as_completed(lanes.submit(_play, *game, chosen) for game in games):
            played.append(game.result())
            found, foot, harm = _report(played, names)
            if chosen.results:
                # Each time: a run that is broken off leaves what it has seen.
                left = len(games) - len(played)
                results.write(Path(chosen.results), found, foot, chosen, played, left)
    print(table.text(table.rows(found)))
    if lines := measured.rows(played):
        print(measured.text(lines))
    print("\n".join(foot))
    # What was asked for by its name and could not be had is no success.
    is_lacking = any(SCENARIOS[name].install and SCENARIOS[name].needs for name in names)
    return 1 if harm or is_lacking else 0


def _report(
    played: Sequence[Played], names: Sequence[str]
) -> tuple[dict[str, list[Verdict]], list[str], list[str]]:
    """The verdicts by scenario, what stands below their table, and what of that is harm."""
    found: dict[str, list[Verdict]] = {}
    for each in sorted(played, key=lambda each: names.index(each.name)):
        found.setdefault(each.name, []).extend(each.verdicts)
    failures = [f"{each.name}, seed {each.seed}: {each.failure}" for each in played if each.failure]
    harm = [*table.harm(found), *failures]
    clean = [table.NO_HARM] if played else []
    foot = [*(harm or clean), *table.not_played(SCENARIOS[name] for name in names)]
    return found, foot, harm


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--scenario", action="append", help="the beginning of its name")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--n", type=int, default=10, help="destinations per scenario and network")
    parser.add_argument(
        "--at-once",
        type=int,
        default=AT_ONCE,
        help=f"stacks that run at the same time, {AT_ONCE} here; each may take 1 GB",
    )
    parser.add_argument("--lease", type=int, default=60, help="seconds")
    parser.add_argument(
        "--patience",
        type=float,
        default=1.0,
        help="of a busy machine: what the times that are promised are multiplied by",
    )
    parser.add_argument("--results", help="a file for the table, as Markdown")
    return parser.parse_args()


def _play(name: str, seed: int, chosen: argparse.Namespace) -> Played:
    played = play(name, n=chosen.n, seed=seed, lease=chosen.lease, patience=chosen.patience)
    print(f"{name}, seed {seed}: {played}", file=sys.stderr, flush=True)
    return played


if __name__ == "__main__":
    sys.exit(main())
