"""Services that are away: one line when that begins and one when it ends, however many requests it
fails."""

import threading
import time

import structlog

log = structlog.get_logger()

#: A failure after so long is another outage.
SILENT_SECONDS = 300


class Availability:
    """This process's view of one service: up or down. Any thread may use it."""

    def __init__(self, begins: str, ends: str) -> None:
        self._begins, self._ends = begins, ends
        self._lock = threading.Lock()
        self._began_at: float | None = None
        self._failed_at = 0.0
        self._failures = 0

    @property
    def is_away(self) -> bool:
        return self._began_at is not None

    def failed(self, failure: BaseException) -> None:
        """Something needed the service, and failed."""
        with self._lock:
            now, before = time.perf_counter(), self._failed_at
            # Where nothing tells of an end, silence does.
            is_new = self._began_at is None or now - before > SILENT_SECONDS
            if is_new:
                self._began_at, self._failures = now, 0
            self._failed_at = now
            self._failures += 1
        if is_new:
            log.error(self._begins, failure=f"{type(failure).__name__}: {failure}")

    def succeeded(self, began_at: float) -> None:
        """Note that the service answered a call begun at that `time.perf_counter()`.

        A call that began before the last failure says nothing of now.
        """
        if self._began_at is None:
            return
        with self._lock:
            if self._began_at is None or began_at < self._failed_at:
                return
            seconds, failures = time.perf_counter() - self._began_at, self._failures
            self._began_at, self._failures = None, 0
        log.warning(self._ends, seconds=round(seconds, 1), failures=failures)


database = Availability("database_away", "database_back")
storage = Availability("storage_away", "storage_back")
