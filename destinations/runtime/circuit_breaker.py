"""A service that is away: remembered a while, so that not every call waits to find it out."""

import threading
import time

#: How long it is not asked after it did not answer.
PAUSE_SECONDS = 5


class Absence:
    """What this process knows of a service being away, and how many calls did without it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ask_at = 0.0
        self._did_without = 0

    def is_known(self) -> bool:
        """Whether to do without it. After each pause one caller is sent to ask again."""
        if not self._ask_at:
            return False
        with self._lock:
            now = time.monotonic()
            if self._ask_at <= now:
                self._ask_at = now + PAUSE_SECONDS
                return False
            self._did_without += 1
            return True

    def note(self) -> bool:
        """It did not answer. Whether that is new."""
        with self._lock:
            is_new = not self._ask_at
            self._ask_at = time.monotonic() + PAUSE_SECONDS
            self._did_without += 1
            return is_new

    def end(self) -> int:
        """It answered. How many calls did without it; 0 if it was not away."""
        if not self._ask_at:
            return 0
        with self._lock:
            self._ask_at = 0.0
            count, self._did_without = self._did_without, 0
            return count
