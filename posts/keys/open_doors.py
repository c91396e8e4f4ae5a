"""What anyone may make without a key: the oldest make place, and a flood makes place for itself."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet

from destinations.runtime import addresses


def make_room(waiting: QuerySet[Any], most: int) -> int:
    """Delete rows until one more fits; returns how many. Rows have `created_at` and `address`.

    They are the oldest of the network that has most of them: a client that fills the room loses its
    own rows, and the others stay.
    """
    if waiting.count() < most:
        return 0
    by_network: dict[str, list[Any]] = defaultdict(list)
    for key, address in waiting.order_by("created_at", "pk").values_list("pk", "address"):
        by_network[addresses.wide(address)].append(key)
    theirs = max(by_network.values(), key=len)
    # Half of them, so that not every call of a flood reads the whole room.
    gone = theirs[: max(1, len(theirs) // 2)]
    waiting.filter(pk__in=gone).delete()
    return len(gone)


def said(count: int, most: int, what: str) -> str:
    """Return how full a room is, for operators."""
    return (
        f"{count:,} {what}, of {most:,} at most. Anyone may add some; beyond that, the oldest of "
        "the network that added most are deleted."
    )
