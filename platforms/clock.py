"""The clock of adapters: this host's, unless `use` sets another.

One worker reads times that another wrote, so the clocks of their hosts must not decide whether a
post has had enough time to appear.
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
    """Take the time from `source` from now on. It is called on the event loop."""
    global _source
    _source = source
