"""The table of what was compared with real servers, at the end of a run (a pytest plugin)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

#: What a test says of itself: network, server with its version, case, reasons of its differences.
PROPERTY = "real server"
HEAD = ("network", "server", "cases", "failed", "differences")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    stats = terminalreporter.stats
    reports = [
        (outcome, value)
        for outcome in ("passed", "failed")
        for report in stats.get(outcome, ())
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY and report.when == "call"
    ]
    if reports:
        terminalreporter.section("compared with real servers", sep="-", bold=True)
        for line in lines(reports):
            terminalreporter.write_line(line)


def lines(reports: Iterable[tuple[str, Any]]) -> list[str]:
    """Return the table, and below it each reason with the number of cases that have it."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    for outcome, (network, server, _, listed) in reports:
        counts[network, server].update(
            cases=1, failed=int(outcome == "failed"), differ=int(bool(listed))
        )
        reasons.update(f"{network}: {why}" for why in set(listed))
    rows = [
        (network, server, f"{count['cases']}", f"{count['failed']}", f"{count['differ']} listed")
        for (network, server), count in sorted(counts.items())
    ]
    widths = [max(len(row[at]) for row in (HEAD, *rows)) for at in range(len(HEAD))]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (HEAD, *rows)
    ]
    said = (f"{count} case{'s'[: count - 1]}: {why}" for why, count in sorted(reasons.items()))
    return [*table, *said]
