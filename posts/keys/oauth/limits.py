"""Limit how often programs may call, and how much anyone may make without a key.

A call beyond its limit is refused as OAuthRefused. Of what anyone may make the oldest make place,
and a flood makes place for itself.
"""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet

from destinations.runtime import addresses
from posts import rate_windows
from posts.keys import rate_limits
from posts.keys.oauth.oauth_errors import OAuthRefused
from posts.rate_windows import Window

#: From one address. Hosted agents of many customers share some.
REGISTRATIONS = rate_windows.parse("10/min,60/h")
#: From all addresses of one network (/24, /48).
WIDE_REGISTRATIONS = rate_windows.parse("30/min,180/h")
TOKEN_CALLS = rate_windows.parse("120/min,2000/h")
#: Of one grant: each one is a row that is kept for a month.
REFRESHES = rate_windows.parse("10/min,60/h")


def demand(name: str, bucket: str, rolling: tuple[Window, ...], what: str) -> None:
    """Count a call of this caller. Raises OAuthRefused beyond its limits."""
    full = rate_limits.refusing(rate_limits.take_of(name, bucket, rolling))
    if full:
        wait = full.wait_seconds
        raise OAuthRefused(
            "temporarily_unavailable", f"Too many {what}; try again in {wait} s.", wait
        )


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


def describe_room(count: int, most: int, what: str) -> str:
    """Return how full a room is, for operators."""
    return (
        f"{count:,} {what}, of {most:,} at most. Anyone may add some; beyond that, the oldest of "
        "the network that added most are deleted."
    )
