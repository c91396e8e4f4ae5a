"""The step of a worker's start that begins its heartbeats."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import redis
import structlog
from celery import bootsteps
from django.conf import settings

from config.queue.heartbeats import HEARTBEAT_SECONDS, Details, record, remove
from destinations.runtime.worker import shutdown

log = structlog.get_logger()


class HeartbeatStep(bootsteps.StartStopStep):
    """Writes one worker's heartbeats, from the loop that takes messages from Redis."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **options: Any) -> None:
        self._timer: Any = None
        super().__init__(parent, **options)

    def start(self, parent: Any) -> None:
        self._record(parent)
        self._timer = parent.timer.call_repeatedly(HEARTBEAT_SECONDS, self._record, (parent,))

    def stop(self, parent: Any) -> None:
        """Also called when Redis is lost; then the worker is alive and reconnects."""
        if self._timer:
            self._timer.cancel()
        if shutdown.is_requested():
            write(remove, parent.hostname, _queues(parent))

    def _record(self, parent: Any) -> None:
        write(record, parent.hostname, _queues(parent), _details())


def write(change: Callable[..., None], *what: Any) -> None:
    """Change what Redis knows of this process; while Redis is away, only log that."""
    try:
        change(*what)
    except redis.RedisError as failure:
        # Only the exception's type: drivers' messages contain hosts and users.
        log.warning("heartbeat_not_written", failure=type(failure).__name__)


def _queues(parent: Any) -> list[str]:
    return [queue.name for queue in parent.task_consumer.queues]


# Imports are not above: one needs the models, the other is large, and beat reads this file too.
def _details() -> Details:
    from destinations.jobs.engine import broken
    from destinations.publishing import worker

    publishing, waiting = worker.in_flight()
    return Details(settings.VERSION, publishing, waiting, _tasks(), broken())


def _tasks() -> Mapping[str, int]:
    from celery.worker import state

    try:
        return dict(Counter(request.name for request in state.active_requests))
    except RuntimeError:
        # A thread began or ended a task meanwhile. The next heartbeat tells.
        return {}
