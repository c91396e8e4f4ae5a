"""The counts of the last minutes, by network."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from destinations.models import DurationHistogram, OutcomeCount
from destinations.statistics import histogram
from platforms.registry import ADAPTERS

Kind = OutcomeCount.Kind
OF_TRIES = (Kind.PUBLISHED, Kind.FAILED, Kind.RETRIED, Kind.UNCONFIRMED)
#: The minute in progress counts too.
WINDOW = timedelta(minutes=5)


def outcomes(now: datetime) -> list[OutcomeCount]:
    """Return how tries ended within WINDOW: a row per minute, network, kind and code."""
    rows = OutcomeCount.objects.filter(minute__range=(now - WINDOW, now), kind__in=OF_TRIES)
    return list(rows.order_by("platform", "minute"))


def lags(now: datetime) -> Mapping[str, Sequence[int]]:
    """Return the histogram of the lags of tries that began within WINDOW, for every network."""
    found: dict[str, list[list[int]]] = defaultdict(list)
    rows = DurationHistogram.objects.filter(
        minute__range=(now - WINDOW, now), measure=DurationHistogram.Measure.LAG
    )
    for platform, counts in rows.values_list("platform", "counts"):
        found[platform].append(counts)
    return {key: histogram.added(found[key]) for key in ADAPTERS}
