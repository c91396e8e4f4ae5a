"""What Redis knows: beat, workers, queues, and whether rate limits are enforced."""

from collections.abc import Iterator

from config.observability.metrics.family import Families, Family
from config.status.table import value
from posts.keys import rate_limits


def _tick_age() -> Iterator[tuple]:
    if (seconds := value("beat").age_seconds) is not None:
        yield (seconds,)


def _workers() -> Iterator[tuple]:
    for name, kind in value("workers").kinds.items():
        yield name, 0 if kind.unserved else kind.alive


def _depths() -> Iterator[tuple]:
    yield from value("queues").items()


def _rate_limits() -> Iterator[tuple]:
    """0 while Redis is away: keys may call as often as they like."""
    yield (int(rate_limits.are_enforced()),)


class ProcessFamilies(Families):
    def families(self) -> tuple[Family, ...]:
        return (
            Family("tick_age_seconds", "Seconds since beat's last tick", (), _tick_age),
            Family(
                "workers_alive", "Workers that are alive, by what they serve", ("kind",), _workers
            ),
            Family("queue_depth", "Messages that no worker has taken", ("queue",), _depths),
            Family(
                "rate_limits_enforced",
                "Whether rate limits are counted and enforced",
                (),
                _rate_limits,
            ),
        )
