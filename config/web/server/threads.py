"""The threads that run Django."""

import threading
from typing import Any

from waitress.task import ThreadedTaskDispatcher


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
