"""`python -m tests.bench [--short] [measure …]`: runs the measures and prints their table.

All of them, not short, are written to RESULTS.md too. Exits with 1 if a measure breaks, or if one
is below its wide margin.
"""

import argparse
import sys

from tests.bench import report, table
from tests.bench.measures import MEASURES
from tests.bench.run import Broken, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--short", action="store_true", help="small sizes, in about two minutes")
    parser.add_argument("names", nargs="*", metavar="measure", help=", ".join(MEASURES))
    chosen = parser.parse_args()
    names = chosen.names or [n for n, m in MEASURES.items() if m.in_short or not chosen.short]
    if unknown := set(names) - set(MEASURES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    groups, broken = {}, []
    for name in names:
        print(f"\n{MEASURES[name].title}", flush=True)
        try:
            groups[name] = run(MEASURES[name], short=chosen.short)
            print(table.text(groups[name]), flush=True)
        except Broken as failure:
            broken.append(name)
            print(failure, flush=True)
    if not chosen.short and not chosen.names:
        print(f"\nWritten: {report.write(groups)}, and the figures in README.")
    failed = [result.name for results in groups.values() for result in results if result.has_failed]
    if broken or failed:
        print(f"\nFailed: {', '.join([*broken, *failed])}")
    return int(bool(broken or failed))


if __name__ == "__main__":
    sys.exit(main())
