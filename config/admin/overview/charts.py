"""The plots of the last 24 hours, and the table behind each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from config.models import Incident
from config.status import wording
from destinations.statistics.series import STEP, NetworkSeries, Series
from platforms.registry import ADAPTERS

#: The kinds of outcomes, in the order they are stacked.
KINDS = ("published", "retried", "unconfirmed", "failed")
HOUR_STEPS = 3600 // int(STEP.total_seconds())


@dataclass(frozen=True, slots=True)
class Table:
    """A plot's numbers by the hour, the newest first. The first column is the hour."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Charts:
    #: What the script draws: steps of five minutes.
    data: dict[str, Any]
    lag: Table
    throughput: Table
    #: A plot each, by network key: its name and its table.
    outcomes: dict[str, tuple[str, Table]]


def charts(series: Series, incidents: Iterable[Incident] = ()) -> Charts:
    """Networks on which nothing happened are left out. `incidents`: those to mark."""
    shown = [each for each in series.networks if not each.is_empty]
    names = tuple(ADAPTERS[each.platform].name for each in shown)
    return Charts(
        data={**_data(series, shown), "incidents": _places(series, incidents)},
        lag=_table(series, names, [_lags(each) for each in shown]),
        throughput=_table(series, names, [_throughput(each) for each in shown]),
        outcomes={
            each.platform: (name, _outcomes(series, each))
            for each, name in zip(shown, names, strict=True)
        },
    )


def _data(series: Series, shown: Iterable[NetworkSeries]) -> dict[str, Any]:
    return {
        "times": [f"{time:%H:%M}" for time in series.times],
        "networks": [
            {
                "key": each.platform,
                "name": ADAPTERS[each.platform].name,
                "lag_p50": _rounded(each.lag_p50),
                "lag_p99": _rounded(each.lag_p99),
                "throughput": each.throughput,
                **{kind: getattr(each, kind) for kind in KINDS},
            }
            for each in shown
        ],
    }


def _places(series: Series, incidents: Iterable[Incident]) -> list[dict[str, Any]]:
    """Where each began, in steps from the first."""
    first = series.times[0]
    return [
        {"place": max((each.opened_at - first) / STEP, 0), "level": each.level}
        for each in incidents
    ]


def _rounded(values: Iterable[float | None]) -> list[float | None]:
    return [value and round(value, 2) for value in values]


def _outcomes(series: Series, network: NetworkSeries) -> Table:
    counted = [_hourly(getattr(network, kind), _sum) for kind in KINDS]
    return _table(series, tuple(kind.capitalize() for kind in KINDS), counted)


def _lags(network: NetworkSeries) -> list[str]:
    """The highest of each hour."""
    both = (_hourly(values, _highest) for values in (network.lag_p50, network.lag_p99))
    return [" / ".join(pair) for pair in zip(*both, strict=True)]


def _throughput(network: NetworkSeries) -> list[str]:
    return _hourly(network.throughput, lambda values: f"{sum(values) / len(values):.1f}")


def _hourly(values: Sequence[Any], summed: Callable[[Sequence[Any]], str]) -> list[str]:
    starts = range(0, len(values), HOUR_STEPS)
    return [summed(values[start : start + HOUR_STEPS]) for start in starts]


def _sum(values: Sequence[int]) -> str:
    return f"{sum(values):,}"


def _highest(values: Sequence[float | None]) -> str:
    return wording.lag(max((value for value in values if value is not None), default=None))


def _table(series: Series, names: tuple[str, ...], columns: Iterable[Sequence[str]]) -> Table:
    hours = [f"{series.times[at]:%H:%M}" for at in range(0, len(series.times), HOUR_STEPS)]
    return Table(("From (UTC)", *names), list(zip(hours, *columns, strict=True))[::-1])
