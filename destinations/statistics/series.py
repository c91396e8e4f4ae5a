"""Read the counts of each network: since its first destination, where they only grow, of the last
minutes, and of the last 24 hours in steps of five minutes, for plots and the tables behind them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from destinations.models import DurationHistogram, OutcomeCount, StatisticsProgress
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
Kind = OutcomeCount.Kind
OF_TRIES = (Kind.PUBLISHED, Kind.FAILED, Kind.RETRIED, Kind.UNCONFIRMED)
#: The minute in progress counts too.
WINDOW = timedelta(minutes=5)


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


class Total(NamedTuple):
    platform: str
    kind: str
    code: str
    times: int


class Duration(NamedTuple):
    """`counts`: how many lasted as long as each interval of `histogram.BOUNDS`."""

    platform: str
    measure: str
    counts: list[int]
    seconds: float


def outcomes() -> list[Total]:
    """Counts by network, kind and code."""
    rows = OutcomeCount.objects.filter(minute=None).order_by("platform", "kind", "code")
    return [Total(*row) for row in rows.values_list("platform", "kind", "code", "count")]


def durations() -> list[Duration]:
    """Histograms by network and measure."""
    rows = DurationHistogram.objects.filter(minute=None).order_by("platform", "measure")
    return [Duration(*row) for row in rows.values_list("platform", "measure", "counts", "seconds")]


def progress() -> StatisticsProgress | None:
    """Return how far counting has come; None before it first ran."""
    return StatisticsProgress.objects.first()


def recent_outcomes(now: datetime) -> list[OutcomeCount]:
    """Return how tries ended within WINDOW: a row per minute, network, kind and code."""
    rows = OutcomeCount.objects.filter(minute__range=(now - WINDOW, now), kind__in=OF_TRIES)
    return list(rows.order_by("platform", "minute"))


def recent_lags(now: datetime) -> Mapping[str, Sequence[int]]:
    """Return the histogram of the lags of tries that began within WINDOW, for every network."""
    found: dict[str, list[list[int]]] = defaultdict(list)
    rows = DurationHistogram.objects.filter(
        minute__range=(now - WINDOW, now), measure=DurationHistogram.Measure.LAG
    )
    for platform, counts in rows.values_list("platform", "counts"):
        found[platform].append(counts)
    return {key: histogram.added(found[key]) for key in ADAPTERS}
