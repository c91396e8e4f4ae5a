"""Outcomes and durations of tries, from the counts that the database keeps.

Counters and histograms are totals since the first destination: they never go back, neither when
minutes are deleted nor when processes end.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from config.observability.metrics import Family
from destinations.models import DurationHistogram, OutcomeCount
from destinations.runtime import clock
from destinations.statistics import histogram, series
from destinations.statistics.histogram import BOUNDS
from platforms.registry import ADAPTERS

Kind, Measure = OutcomeCount.Kind, DurationHistogram.Measure


def _outcomes() -> Iterator[tuple]:
    """Every network has those without a code, so that the first one counts as an increase."""
    kinds = (Kind.PUBLISHED, Kind.UNCONFIRMED)
    found = {(platform, kind, ""): 0 for platform in ADAPTERS for kind in kinds}
    found |= {
        (total.platform, total.kind, total.code): total.times
        for total in series.outcomes()
        if total.kind in series.OF_TRIES
    }
    for labels, count in found.items():
        yield *labels, count


def _lookups() -> Iterator[tuple]:
    for total in series.outcomes():
        if total.kind == Kind.LOOKED_UP:
            yield total.platform, total.code, total.times


def _refreshes() -> Iterator[tuple]:
    """Blank codes are tokens that were given; every network has them, for the same reason."""
    found = dict.fromkeys(ADAPTERS, 0)
    for total in series.outcomes():
        if total.kind == Kind.REFRESHED:
            found[total.platform] = total.times
        if total.kind == Kind.NOT_REFRESHED:
            yield total.platform, total.code, total.times
    for platform, times in found.items():
        yield platform, "", times


def _lags() -> Iterator[tuple]:
    for platform, counts in series.recent_lags(clock.now()).items():
        for share in (0.5, 0.99):
            lag = histogram.quantile(counts, share)
            if lag is not None:
                yield platform, share, lag


def _recent() -> Iterator[tuple]:
    found: Counter[tuple[str, str]] = Counter()
    for row in series.recent_outcomes(clock.now()):
        if row.kind != Kind.UNCONFIRMED:
            found[row.platform, row.code or "published"] += row.count
    for labels, count in found.items():
        yield *labels, count


def _age() -> Iterator[tuple]:
    if (progress := series.progress()) and progress.counted_at:
        yield ((clock.now() - progress.counted_at).total_seconds(),)


COUNTS = (
    Family(
        "outcomes",
        "Tries by how they ended, and the error's code",
        ("platform", "kind", "code"),
        _outcomes,
        is_counter=True,
    ),
    Family(
        "lookups",
        "Lookups of posts that may be public, by what followed",
        ("platform", "result"),
        _lookups,
        is_counter=True,
    ),
    Family(
        "token_refreshes",
        "Refreshes of tokens, and the error's code",
        ("platform", "code"),
        _refreshes,
        is_counter=True,
    ),
    Family("lag_seconds", "Started minus wanted, last 5 minutes", ("platform", "quantile"), _lags),
    Family("attempts_recent", "Tries ended, last 5 minutes", ("platform", "outcome"), _recent),
    Family("statistics_age_seconds", "Seconds since these counts were complete", (), _age),
)
HISTOGRAMS = {
    Measure.LAG: ("start_lag_seconds", "From the wanted time to the start of a try"),
    Measure.PUBLISH: ("publish_seconds", "From the start of a try to its success"),
}


class Durations(Collector):
    def collect(self) -> Iterator[Metric]:
        found = {(each.platform, each.measure): each for each in series.durations()}
        for measure, (name, says) in HISTOGRAMS.items():
            family = HistogramMetricFamily(f"dovecote_{name}", says, labels=("platform",))
            for platform in ADAPTERS:
                family.add_metric([platform], *_buckets(found.get((platform, measure))))
            yield family


def _buckets(duration: series.Duration | None) -> tuple[list[tuple[str, float]], float]:
    """Prometheus' cumulative buckets, and the sum."""
    counts = duration.counts if duration else histogram.added([])
    ends = [*(str(float(bound)) for bound in BOUNDS), "+Inf"]
    sums = map(float, accumulate(counts))
    return list(zip(ends, sums, strict=True)), duration.seconds if duration else 0.0
