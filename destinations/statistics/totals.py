"""Read the counts of each network: since its first destination, where they only grow, and of the
last minutes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from destinations.models import DurationHistogram, OutcomeCount, StatisticsProgress
from destinations.statistics import histogram
from platforms.registry import ADAPTERS


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


Kind = OutcomeCount.Kind
OF_TRIES = (Kind.PUBLISHED, Kind.FAILED, Kind.RETRIED, Kind.UNCONFIRMED)
#: The minute in progress counts too.
WINDOW = timedelta(minutes=5)


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
