"""Wait for what other threads and processes do."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 20


def until(condition: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "It did not come."
        time.sleep(0.01)
