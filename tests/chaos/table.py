"""What came of every scenario, one line for each network."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tests.chaos.books import BESIDES, HARM, Verdict
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
    "late": "late",
}
HEADS = ("scenario", "network", "asked", *WORDS.values(), "excepted", "p50 s", "p99 s", "max s")
LEFT, SHARES = 2, (0.5, 0.99, 1)
#: In the place of seconds where none are promised.
NO_TIME = "-"
NO_HARM = "Nothing was public twice, late, lost, told wrongly, or out of its turn."


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below so large a share of all; 0 of none."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0


def row(scenario: str, network: str, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    counts = [sum(verdict.word == word for verdict in verdicts) for word in WORDS]
    counts.append(sum(bool(verdict.excuse) for verdict in verdicts))
    asked = sum(verdict.word not in BESIDES for verdict in verdicts)
    return (scenario, network, str(asked), *map(str, counts), *_spans(verdicts))


def _spans(verdicts: Iterable[Verdict]) -> list[str]:
    """How long posts waited until they were public; not those that had an excuse."""
    times = [
        verdict.waited
        for verdict in verdicts
        if verdict.waited is not None and not verdict.excuse and verdict.word not in BESIDES
    ]
    return [f"{percentile(times, share):.1f}" if times else NO_TIME for share in SHARES]


def rows(verdicts: Mapping[str, Iterable[Verdict]]) -> list[tuple[str, ...]]:
    """One per scenario and network, and one for all together."""
    table = []
    for scenario, found in verdicts.items():
        of: dict[str, list[Verdict]] = defaultdict(list)
        for verdict in found:
            of[verdict.network or "-"].append(verdict)
        table += [row(scenario, network, some) for network, some in of.items()]
    return [*table, row("all", "", _together(verdicts))]


def by_scenario(verdicts: Mapping[str, Iterable[Verdict]]) -> list[tuple[str, ...]]:
    """One per scenario, of all its networks, and one for all together."""
    table = [row(scenario, "", list(found)) for scenario, found in verdicts.items()]
    return [*table, row("all", "", _together(verdicts))]


def _together(verdicts: Mapping[str, Iterable[Verdict]]) -> list[Verdict]:
    return [verdict for found in verdicts.values() for verdict in found]


def text(table: Sequence[Sequence[str]]) -> str:
    return aligned((HEADS, *table), LEFT)


def markdown(verdicts: Mapping[str, Iterable[Verdict]]) -> str:
    """The table of a page: a line per scenario."""
    lines = ((line[0], *line[LEFT:]) for line in (HEADS, *by_scenario(verdicts)))
    return as_markdown([*lines], left=1)


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
    """A line for each that was twice, lost, wrong, late or out of its turn."""
    return [
        f"{scenario}: {verdict.word}: {verdict.detail}"
        for scenario, found in verdicts.items()
        for verdict in found
        if verdict.word in HARM
    ]


def not_played(scenarios: Iterable[Scenario]) -> list[str]:
    """A line for each that this machine cannot play: nothing is known of it."""
    return [f"{each.name}: not played: needs {each.needs}" for each in scenarios if each.needs]
