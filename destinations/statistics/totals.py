"""Read all that happened on each network since its first destination. Totals only grow."""

from typing import NamedTuple

from destinations.models import DurationHistogram, OutcomeCount, StatisticsProgress


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
