"""The last 24 hours in steps of five minutes, for plots and the tables behind them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from destinations.runtime import database
from destinations.statistics import histogram
from destinations.statistics.histogram import BOUNDS
from platforms.registry import ADAPTERS

STEP = timedelta(minutes=5)
DAY = timedelta(days=1)
STEPS = DAY // STEP

OUTCOMES = """
    SELECT floor(extract(epoch FROM minute - %(since)s) / %(step)s)::integer AS place,
        platform, kind, sum(count)::bigint
    FROM destinations_outcomecount
    WHERE minute >= %(since)s AND kind IN ('published', 'failed', 'retried', 'unconfirmed')
    GROUP BY place, platform, kind
"""
SUMS = ", ".join(f"sum(counts[{place + 1}])" for place in range(len(BOUNDS) + 1))
LAGS = f"""
    SELECT floor(extract(epoch FROM minute - %(since)s) / %(step)s)::integer AS place,
        platform, ARRAY[{SUMS}]::bigint[]
    FROM destinations_durationhistogram
    WHERE minute >= %(since)s AND measure = 'lag'
    GROUP BY place, platform
"""


@dataclass(frozen=True, slots=True)
class NetworkSeries:
    """One network's values, one per step. Lags are in seconds; None where nothing began.

    `throughput`: posts published per minute.
    """

    platform: str
    lag_p50: list[float | None]
    lag_p99: list[float | None]
    published: list[int]
    failed: list[int]
    retried: list[int]
    unconfirmed: list[int]

    @property
    def throughput(self) -> list[float]:
        minutes = STEP / timedelta(minutes=1)
        return [count / minutes for count in self.published]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing began or ended on it."""
        kinds = (self.published, self.failed, self.retried, self.unconfirmed)
        return not any(map(any, kinds)) and set(self.lag_p50) == {None}


@dataclass(frozen=True, slots=True)
class Series:
    """`times`: the start of each step, oldest first; the last step is still open."""

    times: list[datetime]
    networks: list[NetworkSeries]


def last_day(now: datetime) -> Series:
    """Return every network over the last 24 hours."""
    since = _step_of(now) - DAY + STEP
    lags = {(platform, place): counts for place, platform, counts in _read(LAGS, since)}
    outcomes: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * STEPS)
    for place, platform, kind, count in _read(OUTCOMES, since):
        if place < STEPS:
            outcomes[platform, kind][place] = count
    return Series(
        [since + STEP * place for place in range(STEPS)],
        [
            NetworkSeries(
                key,
                [_quantile(lags.get((key, place)), 0.5) for place in range(STEPS)],
                [_quantile(lags.get((key, place)), 0.99) for place in range(STEPS)],
                *(
                    outcomes[key, kind]
                    for kind in ("published", "failed", "retried", "unconfirmed")
                ),
            )
            for key in ADAPTERS
        ],
    )


def _step_of(moment: datetime) -> datetime:
    """Return the start of the step that a moment is in."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // STEP * STEP


def _quantile(counts: list[int] | None, share: float) -> float | None:
    return histogram.quantile(counts, share) if counts else None


def _read(statement: str, since: datetime) -> list[tuple[Any, ...]]:
    return database.execute(statement, {"since": since, "step": STEP.total_seconds()})
