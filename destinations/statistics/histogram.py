"""Durations as counts per interval: what is kept, and quantiles read from it. Pure."""

from collections.abc import Sequence

#: Upper ends of the intervals, in seconds, each included. What lasts longer has a last interval.
BOUNDS = (
    0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200,
)  # fmt: skip


def quantile(counts: Sequence[int], share: float) -> float | None:
    """Return the seconds that this share of all reaches at most; None if there are none.

    Within an interval durations count as evenly spread. Of what lasted longer than the last bound
    only that is known.
    """
    total = sum(counts)
    if not total:
        return None
    rank, before = share * total, 0
    for place, (low, high) in enumerate(zip((0, *BOUNDS), BOUNDS, strict=False)):
        count = counts[place]
        if count and before + count >= rank:
            return low + (high - low) * (rank - before) / count
        before += count
    return float(BOUNDS[-1])


def added(several: Sequence[Sequence[int]]) -> list[int]:
    """Return the sum of histograms; zeros if there are none."""
    return [sum(column) for column in zip(*several, strict=True)] or [0] * (len(BOUNDS) + 1)
