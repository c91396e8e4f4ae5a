"""Files that wait to be fetched or converted."""

from collections.abc import Iterator

from django.db.models import Count, Min

from config.observability.metrics.family import Families, Family
from destinations.runtime import clock
from posts.models import Fetch, Variant

Backlogs = dict[str, tuple[int, float]]


def _read() -> Backlogs:
    """By kind of work: how many wait or are at work, and how long the oldest has, in seconds.

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


class Backlog(Families):
    def families(self) -> tuple[Family, ...]:
        return (
            Family("media_waiting", "Files to fetch or to convert", ("kind",), _counts),
            Family("media_oldest_seconds", "Age of the oldest of them", ("kind",), _ages),
        )
