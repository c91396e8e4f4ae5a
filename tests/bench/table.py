"""Renders results: a table for terminals and Markdown, and the lines that README quotes."""

from collections.abc import Mapping, Sequence
from typing import Final

from tests.bench.result import Bar, Result

HEADINGS: Final = ("measure", "value", "reference", "ratio", "bar", "met")


def number(value: float) -> str:
    """With three digits, or all of an integer."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.{2 if abs(value) < 10 else 1}f}"


def markdown(groups: Mapping[str, Sequence[Result]]) -> str:
    """One table per measure that has results, each followed by its notes."""
    return "\n\n".join(_group(name, results) for name, results in groups.items() if results)


def text(results: Sequence[Result]) -> str:
    """For a terminal."""
    if not results:
        return "no figures here"
    rows = [_cells(result) for result in results]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join(lines + [f"  {result.note}" for result in results if result.note])


def headlines(groups: Mapping[str, Sequence[Result]]) -> str:
    """What README quotes."""
    quoted = [result for results in groups.values() for result in results if result.headline]
    return _table(HEADINGS[:4], [(each.headline, *_cells(each)[1:4]) for each in quoted])


def _group(name: str, results: Sequence[Result]) -> str:
    columns = zip(HEADINGS, *map(_cells, results), strict=True)
    headings, *rows = zip(*(each for each in columns if any(each[1:])), strict=True)
    table = _table(headings, rows)
    notes = "".join(f"\n- {result.note}" for result in results if result.note)
    return f"## {name}\n\n{table}" + (f"\n{notes}" if notes else "")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(result: Result) -> tuple[str, ...]:
    reference = ""
    if result.reference is not None:
        reference = f"{result.against} {_value(result.reference, result.unit)}".strip()
    return (
        result.name,
        _value(result.value, result.unit),
        reference,
        _ratio(result),
        _bar(result.bar, result.unit),
        "" if result.bar is None else "yes" if result.bar.is_met_by(result) else "no",
    )


def _value(value: float, unit: str) -> str:
    return f"{number(value)}{'' if unit.startswith(('/', '%')) else ' '}{unit}".strip()


def _ratio(result: Result) -> str:
    return "" if result.ratio is None else number(result.ratio)


def _bar(bar: Bar | None, unit: str) -> str:
    if bar is None:
        return ""
    sign = "≥" if bar.is_minimum else "≤"
    limit = f"{bar.limit:g}" if bar.of_ratio else _value(bar.limit, unit)
    return f"{'ratio ' if bar.of_ratio else ''}{sign} {limit}"
