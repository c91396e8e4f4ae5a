"""Workers, and the work that waits for them beside posts: messages and files.

Each family reads a few counters, one row of an index, or what Redis knows.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import product

from config.models import Incident
from config.observability.metrics import Family
from config.status.table import WATCHED, value
from posts import registry
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


def _counts() -> Iterator[tuple]:
    for kind, found in value("media").items():
        yield kind, found.files


def _ages() -> Iterator[tuple]:
    for kind, found in value("media").items():
        yield kind, found.oldest_seconds


def _incidents() -> Iterator[tuple]:
    """Every fact that is watched has a series of each level, so that an alert sees it go up."""
    causes = Incident.objects.filter(closed_at=None).values_list("cause", "level")
    found = Counter((cause.partition(":")[0], level) for cause, level in causes)
    for fact, level in {*product(WATCHED, Incident.Level.values), *found}:
        yield fact, level, found[fact, level]


FAMILIES = (
    Family("tick_age_seconds", "Seconds since beat's last tick", (), _tick_age),
    Family("workers_alive", "Workers that are alive, by what they serve", ("kind",), _workers),
    Family("queue_depth", "Messages that no worker has taken", ("queue",), _depths),
    Family(
        "rate_limits_enforced", "Whether rate limits are counted and enforced", (), _rate_limits
    ),
    Family("media_waiting", "Files to fetch or to convert", ("kind",), _counts),
    Family("media_oldest_seconds", "Age of the oldest of them", ("kind",), _ages),
    Family("incidents_open", "Incidents that last", ("fact", "level"), _incidents),
)


def all_families() -> Iterator[Family]:
    """Yield those above, and those of features."""
    yield from FAMILIES
    for module in registry.modules("monitoring"):
        yield from (Family(*each) for each in getattr(module, "FAMILIES", ()))
