"""What came of every scenario, one line for each network."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.chaos.books import HARM, Verdict
from tests.chaos.scenario import Scenario

WORDS = {
    "once": "once",
    "unknown": "may be live",
    "refused": "refused",
    "none": "never",
    "twice": "twice",
    "lost": "lost",
    "wrong": "wrong",
    "out of turn": "out of turn",
}
HEADS = ("scenario", "network", "asked", *WORDS.values(), "p50 s", "p99 s", "max s")
LEFT = 2
NO_HARM = "Nothing was public twice, lost, told wrongly, or out of its turn."


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below so large a share of all; 0 of none."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0


def row(scenario: str, network: str, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    counts = [sum(verdict.word == word for verdict in verdicts) for word in WORDS]
    # A post out of its turn has a verdict of its own besides.
    asked = sum(verdict.word != "out of turn" for verdict in verdicts)
    without = ("none", "lost", "out of turn")
    times = [verdict.seconds for verdict in verdicts if verdict.word not in without]
    spans = [f"{percentile(times, share):.1f}" for share in (0.5, 0.99, 1)]
    return (scenario, network, str(asked), *map(str, counts), *spans)


def rows(verdicts: Mapping[str, Iterable[Verdict]]) -> list[tuple[str, ...]]:
    """One per scenario and network, and one for all together."""
    table = []
    for scenario, found in verdicts.items():
        of: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in found:
            of[verdict.network or "-"].append(verdict)
        table += [row(scenario, network, some) for network, some in of.items()]
    together = [verdict for found in verdicts.values() for verdict in found]
    return [*table, row("all", "", together)]


def by_scenario(table: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """Add up the networks of each scenario: counts, and the largest maximum."""
    of: dict[str, list[Sequence[str]]] = defaultdict(list)
    for line in table:
        of[line[0]].append(line[LEFT:])
    together = []
    for scenario, lines in of.items():
        *counts, _, _, longest = zip(*lines, strict=True)
        sums = (str(sum(map(int, column))) for column in counts)
        together.append((scenario, *sums, f"{max(map(float, longest)):.1f}"))
    return together


def text(table: Sequence[Sequence[str]]) -> str:
    return aligned((HEADS, *table), LEFT)


def markdown(table: Sequence[Sequence[str]]) -> str:
    """The table of a page: a line per scenario."""
    heads = (HEADS[0], *HEADS[LEFT:-3], HEADS[-1])
    return as_markdown((heads, *by_scenario(table)), left=1)


def aligned(lines: Sequence[Sequence[str]], left: int) -> str:
    """For a terminal. The first line is the heads, and so many columns are words."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = [
        [
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        for cells in lines
    ]
    return "\n".join("  ".join(cells).rstrip() for cells in padded)


def as_markdown(lines: Sequence[Sequence[str]], left: int) -> str:
    """Render a table for a page, without its columns of zeros."""
    heads, *rest = lines
    shown = [at for at, column in enumerate(zip(*rest, strict=True)) if {*column} != {"0"}]
    rule = ["---" if at < left else "---:" for at in range(len(heads))]
    return "\n".join(
        f"| {' | '.join(cells[at] for at in shown)} |" for cells in (heads, rule, *rest)
    )


def harm(verdicts: Mapping[str, Iterable[Verdict]]) -> list[str]:
    """A line for each that was twice, lost, wrong or out of its turn."""
    return [
        f"{scenario}: {verdict.word}: {verdict.detail}"
        for scenario, found in verdicts.items()
        for verdict in found
        if verdict.word in HARM
    ]


def not_played(scenarios: Iterable[Scenario]) -> list[str]:
    """A line for each that this machine cannot play: nothing is known of it."""
    return [f"{each.name}: not played: needs {each.needs}" for each in scenarios if each.needs]
