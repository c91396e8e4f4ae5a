"""Which workers are alive, by the heartbeat that each writes to Redis every few seconds.

A worker's consumer writes it, so a process that is frozen, stuck or cut off from Redis has none.
Redis supplies the time, so that no host's clock matters. Celery's own ping takes a second and asks
every worker; this is one read.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import redis
import structlog
from celery import bootsteps
from django.conf import settings

from destinations.runtime import shutdown

log = structlog.get_logger()

KEY = "dovecote:workers"
HEARTBEAT_SECONDS = 5
#: A worker without a heartbeat for this long is dead: it missed three in a row.
DEAD_AFTER_SECONDS = 20
#: After this long a dead worker is dropped from the list.
FORGET_AFTER_SECONDS = 600
TIMEOUT_SECONDS = 2

RECORD = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('ZADD', KEYS[1], now, ARGV[1])
"""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that serves these queues, and the age of its last heartbeat."""

    name: str
    queues: frozenset[str]
    age_seconds: float

    @property
    def is_alive(self) -> bool:
        return self.age_seconds <= DEAD_AFTER_SECONDS


def record(name: str, queues: Iterable[str]) -> None:
    """Record that this worker is alive. Raises RedisError."""
    entry = json.dumps([name, sorted(queues)])
    _client().eval(RECORD, 1, KEY, entry, FORGET_AFTER_SECONDS)


def remove(name: str, queues: Iterable[str]) -> None:
    """Remove this worker, which stops on purpose. Raises RedisError."""
    _client().zrem(KEY, json.dumps([name, sorted(queues)]))


def known() -> list[Worker]:
    """Workers with a heartbeat in FORGET_AFTER_SECONDS, alive or not. Raises RedisError."""
    reading = _client().pipeline(transaction=False)
    reading.time()
    reading.zrange(KEY, 0, -1, withscores=True)
    (seconds, _), entries = reading.execute()
    found = []
    for entry, written_at in entries:
        name, queues = json.loads(entry)
        found.append(Worker(name, frozenset(queues), max(0, seconds - written_at)))
    return found


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


def _client() -> redis.Redis:
    return _client_of(settings.REDIS_URL)


@lru_cache(maxsize=8)
def _client_of(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    )
