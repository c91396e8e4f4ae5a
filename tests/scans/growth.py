"""How much more CPU time a text costs that is twice as long."""

import gc
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

#: A text that is twice as long may cost so many times as much: 2 with its length and 4 with its
#: square. Up to 3.3 was seen for the former on a machine that was slow to give memory.
MOST_GROWTH = 3.5
#: Below this, noise is as large as what is measured; and to take memory for a long text costs more
#: than in proportion.
FLOOR_SECONDS, CHAR_SECONDS = 0.01, 10e-9
#: Linear readers of the longest texts need less than a second.
GIVE_UP_SECONDS = 5
#: Short texts first, so that what grows fast is seen before it takes hours.
FIRST_CHARS, STEP = 32, 8
MORE_TRIES = 20


class TooSlow(AssertionError):
    """Reading one text took longer than any text may."""


def worst(read: Callable[[int], Callable[[], object]], most: int) -> float:
    """The largest growth up to texts of `most` characters; 0.0 if all cost next to nothing.

    `read`: the reading of a text of so many characters, ready to be called.
    """
    return max((_growth(read, size) for size in _sizes(most)), default=0.0)


def _sizes(most: int) -> Iterator[int]:
    size = FIRST_CHARS
    while size < most:
        yield size
        size *= STEP
    yield most


def _growth(read: Callable[[int], Callable[[], object]], size: int) -> float:
    """The mean of two doublings: one alone may be where a cache of the processor ends."""
    whole, quarter = read(size), read(size // 4)
    cost, less = _cost(whole), _cost(quarter)
    floor = FLOOR_SECONDS + size * CHAR_SECONDS
    for _ in range(MORE_TRIES):
        if cost < floor or cost <= less * MOST_GROWTH**2:
            break
        # A busy machine makes single measurements longer, and never shorter. In turns, because it
        # may be busy for longer than one of them.
        cost, less = min(cost, _cost(whole)), min(less, _cost(quarter))
    return 0.0 if cost < floor else (cost / less) ** 0.5


def _cost(read: Callable[[], object]) -> float:
    # What is collected meanwhile is everything that the tests have made.
    gc.disable()
    try:
        with _given_up():
            began = time.thread_time()
            read()
            return time.thread_time() - began
    finally:
        gc.enable()


@contextmanager
def _given_up() -> Iterator[None]:
    """Raises TooSlow after GIVE_UP_SECONDS of CPU time, also within a regular expression."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"It took more than {GIVE_UP_SECONDS} s.")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, GIVE_UP_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
