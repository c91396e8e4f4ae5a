"""The step of a worker's start that begins its heartbeats."""

from collections.abc import Callable
from typing import Any

import redis
import structlog
from celery import bootsteps

from config.queue.heartbeats import HEARTBEAT_SECONDS, record, remove
from destinations.runtime import shutdown

log = structlog.get_logger()


class Heartbeat(bootsteps.StartStopStep):
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
            self._write(remove, parent)

    def _record(self, parent: Any) -> None:
        self._write(record, parent)

    def _write(self, write: Callable[[str, list[str]], None], parent: Any) -> None:
        try:
            write(parent.hostname, [queue.name for queue in parent.task_consumer.queues])
        except redis.RedisError as failure:
            # Only the exception's type: drivers' messages contain hosts and users.
            log.warning("heartbeat_not_written", failure=type(failure).__name__)
