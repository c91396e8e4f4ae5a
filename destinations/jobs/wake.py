"""Wake a worker for what a transaction has made due. A lost message does no harm: ticks follow.

The transport drops what comes to a full queue (`config.queue.celery_overrides`).
"""

import threading
import time
from collections.abc import Callable
from functools import partial

from celery import current_app
from django.db import transaction

from destinations.runtime import broker

#: A message that waited for longer is dropped: ticks have done its work.
EXPIRES_SECONDS = 60


class Wake:
    """Sends the message that starts a task.

    `pause_seconds`: the least time from one message of this process to the next; the next tick
    does the work of those left out. `expires_seconds`: None where no tick follows soon.
    """

    def __init__(
        self,
        task: str,
        *,
        pause_seconds: float = 0,
        expires_seconds: float | None = EXPIRES_SECONDS,
    ) -> None:
        self.task = task
        self._pause_seconds, self._expires_seconds = pause_seconds, expires_seconds
        self._lock = threading.Lock()
        self._sent_at = float("-inf")
        self._local: Callable[[], object] | None = None

    def served_by(self, wake_up: Callable[[], object] | None) -> None:
        """Let this process's own engine serve its wake-ups: no message is needed then."""
        self._local = wake_up

    def after_commit(self, *args: str) -> None:
        """Wake a worker once the current transaction is committed."""
        if self._local:
            transaction.on_commit(self._local, robust=True)
        else:
            broker.after_commit(partial(self._send, *args))

    def _send(self, *args: str) -> None:
        if not self._is_time():
            return
        try:
            current_app.send_task(self.task, args=args, expires=self._expires_seconds, retry=False)
        except broker.AWAY as failure:
            broker.missed(failure, task=self.task)
        else:
            broker.reached()

    def _is_time(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if now - self._sent_at < self._pause_seconds:
                return False
            self._sent_at = now
            return True
