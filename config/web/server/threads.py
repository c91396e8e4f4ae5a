"""The threads that run Django."""

import threading
from typing import Any

from waitress.task import ThreadedTaskDispatcher

#: Each has a thread that nothing else may use, so probes and an operator's login are answered while
#: all other threads work.
RESERVED = ("/healthz", "/readyz", "/admin/login/")
#: How long a thread that reckons keeps the interpreter from the others, who all have their turn
#: before it goes on. Python's own is five times as long; this costs three parts in a hundred, and
#: only while several reckon.
SWITCH_SECONDS = 0.001


class NewestFirst(threading.Condition):
    """Wakes the thread that has waited for the shortest time."""

    #: Of threading.Condition: a lock for each waiting thread, the newest last.
    _waiters: Any

    def notify(self, n: int = 1) -> None:
        self._waiters.rotate(1)
        super().notify(n)


class RequestThreads(ThreadedTaskDispatcher):
    """As many threads work as there are requests at once.

    Each thread has a connection to the database. Waitress gives requests to its threads in turn: a
    client that waits for each answer would open a connection in every one of them, and at less than
    a request a second a connection would be too old for its next one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.queue_cv = NewestFirst(self.lock)
        self._reserve = {path: ThreadedTaskDispatcher() for path in RESERVED}

    def set_thread_count(self, count: int) -> None:
        super().set_thread_count(count)
        for own in self._reserve.values():
            own.set_thread_count(min(count, 1))

    def add_task(self, task: Any) -> None:
        own = self._reserve.get(task.requests[0].path)
        if own is None or self._has_idle():
            super().add_task(task)
        else:
            own.add_task(task)

    def _has_idle(self) -> bool:
        with self.lock:
            return bool(len(self.threads) - self.active_count > len(self.queue))
