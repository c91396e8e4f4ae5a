import pytest

from destinations.statistics import histogram
from destinations.statistics.histogram import BOUNDS

EMPTY = [0] * (len(BOUNDS) + 1)


def counts(**by_bound: int) -> list[int]:
    found = list(EMPTY)
    for bound, count in by_bound.items():
        found[BOUNDS.index(float(bound[1:].replace("_", ".")))] = count
    return found


def test_nothing_has_no_quantile():
    assert histogram.quantile(EMPTY, 0.5) is None


@pytest.mark.parametrize(
    ("given", "share", "expected"),
    [
        (counts(_1=4), 0.5, 0.875),
        (counts(_1=4), 1, 1),
        (counts(_1=98, _60=2), 0.5, 0.75 + 0.25 * 50 / 98),
        (counts(_1=98, _60=2), 0.99, 45),
        ([*EMPTY[:-1], 3], 0.5, BOUNDS[-1]),
    ],
)
def test_quantiles_are_read_within_their_interval(given, share, expected):
    assert histogram.quantile(given, share) == pytest.approx(expected)


def test_histograms_add_up():
    assert histogram.added([counts(_1=2), counts(_1=1, _60=5)]) == counts(_1=3, _60=5)
    assert histogram.added([]) == EMPTY
