"""How long nothing was published although something was due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise


@dataclass(frozen=True)
class Work:
    """A destination: when it was due, when it came to its end, and whether published."""

    due_at: datetime
    ended_at: datetime
    is_published: bool


def longest_stall(works: Iterable[Work], until: datetime) -> float:
    """The longest time in seconds, before `until`, with work due and nothing published."""
    works = sorted(works, key=lambda work: work.ended_at)
    # From each on, the earliest due time of what ends then or later.
    earliest_due = [work.due_at for work in works]
    for at, after in reversed(list(pairwise(range(len(works))))):
        earliest_due[at] = min(earliest_due[at], earliest_due[after])
    longest, last_published = 0.0, None
    for at, work in enumerate(works):
        if not work.is_published:
            continue
        begun = max(earliest_due[at], last_published or earliest_due[at])
        longest = max(longest, (min(work.ended_at, until) - begun).total_seconds())
        last_published = work.ended_at
    return longest
