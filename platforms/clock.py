"""The clock of adapters: this host's, unless `use` sets another.

One worker reads times that another wrote, so the clocks of their hosts must not decide whether a
post has had enough time to appear.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

_source: Callable[[], datetime] = partial(datetime.now, UTC)


def now() -> datetime:
    return _source()


def unix_seconds() -> float:
    return now().timestamp()


def _age(moment: datetime) -> timedelta:
    return now() - moment


_certain_age: Callable[[datetime], timedelta] = _age


def certain_age(moment: datetime) -> timedelta:
    """Return how long ago this was at least, even if the clock was set meanwhile."""
    return _certain_age(moment)


def use(source: Callable[[], datetime], certain_age: Callable[[datetime], timedelta]) -> None:
    """Take the time and `certain_age` from these from now on. They are called on the event loop."""
    global _source, _certain_age
    _source, _certain_age = source, certain_age
