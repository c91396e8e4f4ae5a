"""The time by which adapters measure: this host's, unless whoever runs them knows a better one.

What one worker wrote down another may read, so their hosts' clocks must not decide whether a post
had long enough to appear.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

_source: Callable[[], datetime] = partial(datetime.now, UTC)


def now() -> datetime:
    return _source()


def unix_seconds() -> float:
    return now().timestamp()


def use(source: Callable[[], datetime]) -> None:
    """Take the time from `source` from now on. It is called on the network's loop."""
    global _source
    _source = source
