"""Numbers that networks give of a published post: how often it was seen, liked and so on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts since the post became public. None: the network gives no such number."""

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    impressions: int | None = None
    clicks: int | None = None


NAMES = tuple(each.name for each in fields(Metrics))
NOTHING = Metrics()


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list of an answer; none if it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def with_numbers(found: Mapping[str, Metrics]) -> dict[str, Metrics]:
    """Return the posts of which the network gives at least one number."""
    return {post_id: metrics for post_id, metrics in found.items() if metrics != NOTHING}


def complete_sum(parts: Iterable[int | None]) -> int | None:
    """Return the sum; None if a part is missing, because the others would look like all of it."""
    found = list(parts)
    return sum(each for each in found if each is not None) if None not in found else None
