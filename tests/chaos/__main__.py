"""Play scenarios, a few at once, and compare the books: `python -m tests.chaos`.

`--scenario NAME` (may be repeated, and be the beginning of several names), `--n` destinations per
network, `--seed S` (may be repeated), `--at-once` stacks. Ends with 1 if anything was public twice,
lost, or told wrongly, or if a scenario broke off. What cannot be played on this machine is named
below the table. `--results FILE` writes the table down.
"""

import argparse
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chaos import results, table
from tests.chaos.books import Verdict
from tests.chaos.played import Played, play
from tests.chaos.registry import SCENARIOS


def main() -> int:
    chosen = _arguments()
    names = [name for name in SCENARIOS if name.startswith(tuple(chosen.scenario or [""]))]
    if not names:
        sys.exit(f"No such scenario. There are: {', '.join(SCENARIOS)}.")
    games = [
        (name, seed) for seed in chosen.seed or [0] for name in names if not SCENARIOS[name].needs
    ]
    with ThreadPoolExecutor(chosen.at_once) as lanes:
        played = list(lanes.map(lambda game: _play(*game, chosen.n, chosen.lease), games))
    verdicts = _by_scenario(played)
    shown = table.rows(verdicts)
    print(table.text(shown))
    failures = [f"{each.name}, seed {each.seed}: {each.failure}" for each in played if each.failure]
    harm = [*table.harm(verdicts), *failures]
    clean = [table.NO_HARM] if played else []
    foot = [*(harm or clean), *table.not_played(SCENARIOS[name] for name in names)]
    print("\n".join(foot))
    if chosen.results:
        results.write(Path(chosen.results), shown, foot, chosen, played)
    return 1 if harm else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--scenario", action="append", help="the beginning of its name")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--n", type=int, default=10, help="destinations per scenario and network")
    parser.add_argument("--at-once", type=int, default=3, help="stacks that run at the same time")
    parser.add_argument("--lease", type=int, default=60, help="seconds")
    parser.add_argument("--results", help="a file for the table, as Markdown")
    return parser.parse_args()


def _play(name: str, seed: int, n: int, lease: int) -> Played:
    played = play(name, n=n, seed=seed, lease=lease)
    print(f"{name}, seed {seed}: {played}", file=sys.stderr, flush=True)
    return played


def _by_scenario(played: list[Played]) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = defaultdict(list)
    for each in played:
        found[each.name] += each.verdicts
    return found


if __name__ == "__main__":
    sys.exit(main())
