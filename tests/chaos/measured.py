"""What was measured beside the verdicts, one line for each play that measures something."""

from collections.abc import Sequence

from tests.chaos import table
from tests.chaos.books import BESIDES
from tests.chaos.played import Played

#: Of the verdicts, and how the table calls them.
WORDS = {
    "twice": "twice",
    "lost": "lost",
    "wrong": "wrong",
    "out of turn": "out of turn",
    "late": "late",
    "unknown": "may be live",
}
#: Of these no time is told.
WITHOUT = ("none", "lost", *BESIDES)
TIMES = {"truth p50 s": 0.5, "truth p99 s": 0.99, "truth max s": 1.0}
LEFT = 2


def rows(played: Sequence[Played]) -> list[tuple[str, ...]]:
    """Heads and a line per play, by name and seed; nothing if no play has measured anything."""
    with_measures = [each for each in played if each.measures]
    with_measures.sort(key=lambda each: (each.name, each.seed))
    if not with_measures:
        return []
    names = [*with_measures[0].measures]
    heads = ("scenario", "seed", "destinations", *WORDS.values(), *TIMES, *names)
    return [heads, *(_row(each, names) for each in with_measures)]


def _row(each: Played, names: Sequence[str]) -> tuple[str, ...]:
    verdicts = each.verdicts
    counts = [sum(verdict.word == word for verdict in verdicts) for word in WORDS]
    seconds = [verdict.seconds for verdict in verdicts if verdict.word not in WITHOUT]
    times = [f"{table.percentile(seconds, share):.1f}" for share in TIMES.values()]
    measures = [f"{round(each.measures.get(name, 0), 1):g}" for name in names]
    asked = sum(verdict.word not in BESIDES for verdict in verdicts)
    return (each.name, str(each.seed), str(asked), *map(str, counts), *times, *measures)


def text(lines: Sequence[Sequence[str]]) -> str:
    return table.aligned(lines, LEFT)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    return table.as_markdown(lines, LEFT)
