"""Wait for what other threads and processes do."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE_SECONDS = 60
#: A time-out that ends a wait for an answer, and no connecting on a busy machine.
CONNECT_SECONDS = 2


def until(condition: Callable[[], T], seconds: float = PATIENCE_SECONDS) -> T:
    """Return the condition's first true value. The bound ends a test that hangs, and measures
    nothing."""
    give_up_at = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < give_up_at, f"Not seen in {seconds:.0f} s."
        time.sleep(0.01)
    return value
