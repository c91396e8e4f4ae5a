"""Wakes the deliveries of a worker, once a change is committed.

Wake-ups coalesce: a process sends at most one in a while, because the next tick does the work of
those it leaves out. In a process that delivers itself no message is needed.
"""

import threading
import time
from collections.abc import Callable

from celery import current_app
from django.db import transaction

from destinations.runtime import broker

TASK = "posts.deliver_webhooks"
#: The least time from one message to the next.
PAUSE_SECONDS = 0.2
#: A message that waited for longer is dropped: ticks have done its work.
EXPIRES_SECONDS = 60

_lock = threading.Lock()
_sent_at = 0.0
_local: list[Callable[[], object]] = []


def served_by(wake_up: Callable[[], object]) -> None:
    """Let this process's own deliveries serve its wake-ups."""
    _local[:] = [wake_up]


def after_commit() -> None:
    """Wake a worker once the current transaction is committed. Lost wake-ups do no harm."""
    if _local:
        transaction.on_commit(_local[0], robust=True)
    else:
        broker.after_commit(_send)


def _send() -> None:
    global _sent_at
    with _lock:
        now = time.monotonic()
        if now - _sent_at < PAUSE_SECONDS:
            return
        _sent_at = now
    try:
        current_app.send_task(TASK, expires=EXPIRES_SECONDS, retry=False)
    except broker.AWAY as failure:
        broker.missed(failure, task=TASK)
    else:
        broker.reached()
