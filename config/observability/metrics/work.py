"""Workers, and the work that waits for them beside posts: messages and files.

Each family reads a few counters, one row of an index, or what Redis knows.
"""

from collections.abc import Iterator

from django.db.models import Count, Min

from config.observability.metrics import Family
from config.status.table import value
from destinations.runtime import clock
from posts import registry
from posts.keys import rate_limits
from posts.models import Fetch, Variant


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


Backlogs = dict[str, tuple[int, float]]


def _read() -> Backlogs:
    """Return, by kind of work, how many wait or are at work, and the age of the oldest in seconds.

    Their rows are few: a fetch's is deleted when it ends, and unmade variants have an index.
    """
    unmade = Variant.objects.filter(status__in=[Variant.Status.WAITING, Variant.Status.MAKING])
    now, found = clock.now(), {}
    for kind, rows in (("variant", unmade), ("fetch", Fetch.objects.all())):
        waiting = rows.order_by().aggregate(count=Count("pk"), oldest=Min("created_at"))
        age = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0
        found[kind] = waiting["count"], max(0, age)
    return found


def _counts() -> Iterator[tuple]:
    for kind, (count, _) in _read().items():
        yield kind, count


def _ages() -> Iterator[tuple]:
    for kind, (_, seconds) in _read().items():
        yield kind, seconds


FAMILIES = (
    Family("tick_age_seconds", "Seconds since beat's last tick", (), _tick_age),
    Family("workers_alive", "Workers that are alive, by what they serve", ("kind",), _workers),
    Family("queue_depth", "Messages that no worker has taken", ("queue",), _depths),
    Family(
        "rate_limits_enforced", "Whether rate limits are counted and enforced", (), _rate_limits
    ),
    Family("media_waiting", "Files to fetch or to convert", ("kind",), _counts),
    Family("media_oldest_seconds", "Age of the oldest of them", ("kind",), _ages),
)


def all_families() -> Iterator[Family]:
    """Yield those above, and those of features."""
    yield from FAMILIES
    for module in registry.modules("monitoring"):
        yield from (Family(*each) for each in module.FAMILIES)
