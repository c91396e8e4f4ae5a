"""What a measure returns: figures with their references and bars."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit of a figure, or of its ratio to the reference."""

    limit: float
    is_minimum: bool = True
    of_ratio: bool = True

    def is_met_by(self, result: "Result") -> bool:
        found = result.ratio if self.of_ratio else result.value
        if found is None:
            return False
        return found >= self.limit if self.is_minimum else found <= self.limit


def at_most(limit: float) -> Bar:
    """A bar of the value itself."""
    return Bar(limit, is_minimum=False, of_ratio=False)


def at_least(limit: float) -> Bar:
    """A bar of the value itself."""
    return Bar(limit, of_ratio=False)


def ratio_at_least(limit: float) -> Bar:
    return Bar(limit)


def ratio_at_most(limit: float) -> Bar:
    return Bar(limit, is_minimum=False)


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table."""

    name: str
    value: float
    #: `/s`, `ms`, `s`, `MB`, `%`, or blank for a count.
    unit: str
    #: The same figure of what it is compared with, measured in the same run.
    reference: float | None = None
    #: What that is: `bare Celery`.
    against: str = ""
    #: What we want to reach.
    bar: Bar | None = None
    #: What a run fails on, short or not: zeros, and ratios far below those that are reached.
    margin: Bar | None = None
    #: Shown below the table.
    note: str = ""
    #: What README calls it, in plain words. Blank: README does not quote it.
    headline: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None

    @property
    def has_failed(self) -> bool:
        return self.margin is not None and not self.margin.is_met_by(self)


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest value of a list, which need not be sorted."""
    ranked = sorted(values)
    return ranked[min(int(len(ranked) * percent / 100), len(ranked) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
