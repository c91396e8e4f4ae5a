"""Wait for what other threads and processes do."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60


def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Return once the condition is true. The bound ends a test that hangs, and measures nothing."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, f"Not seen in {seconds:.0f} s."
        time.sleep(0.01)
