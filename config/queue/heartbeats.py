"""Which workers are alive, by the heartbeat that each writes to Redis every few seconds.

A worker's consumer writes it, so a process that is frozen, stuck or cut off from Redis has none.
Redis supplies the time, so that no host's clock matters. Celery's own ping takes a second and asks
every worker; this is one read.

`python -m config.queue.heartbeats NAME` exits with 1 unless that worker is alive, for containers.
It imports neither Celery nor the settings: 0.2 s of CPU a minute; `celery inspect ping` needs 1 s.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings

from config import env

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


def known(client: redis.Redis | None = None) -> list[Worker]:
    """Workers with a heartbeat in FORGET_AFTER_SECONDS, alive or not. Raises RedisError."""
    reading = (client or _client()).pipeline(transaction=False)
    reading.time()
    reading.zrange(KEY, 0, -1, withscores=True)
    (seconds, _), entries = reading.execute()
    found = []
    for entry, written_at in entries:
        name, queues = json.loads(entry)
        found.append(Worker(name, frozenset(queues), max(0, seconds - written_at)))
    return found


def _client() -> redis.Redis:
    return _client_of(settings.REDIS_URL)


@lru_cache(maxsize=8)
def _client_of(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    )


def main(name: str) -> int:
    """0 if that worker is alive."""
    found = known(_client_of(env.secret("REDIS_URL")))
    return int(not any(worker.name == name and worker.is_alive for worker in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
