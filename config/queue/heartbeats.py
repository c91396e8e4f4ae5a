"""Which workers are alive, by the heartbeat that each writes to Redis every few seconds.

A worker's consumer writes it, so a process that is frozen, stuck or cut off from Redis has none.
One whose threads cannot work says so, and counts as dead.
Redis supplies the time, so that no host's clock matters. Celery's own ping takes a second and asks
every worker; this is two reads.

What a process runs stands beside its heartbeat, in a key of its own that Redis drops with it. So
the heartbeats themselves stay as older versions write and read them, and both may run at once.

`python -m config.queue.heartbeats NAME` exits with 1 unless that worker is alive, for containers.
It imports neither Celery nor the settings: 0.2 s of CPU a minute; `celery inspect ping` needs 1 s.
With `--restart` it answers what a restart would mend: a Redis that does not answer is no reason for
one.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache

import redis
from django.conf import settings

from config import env
from destinations.runtime import redis_client

KEY = "dovecote:workers"
#: Before the name of a process: what it said of itself.
DETAILS = "dovecote:worker:"
#: What the name of beat begins with; it serves no queue.
BEAT = "beat"
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
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[2])
"""


@dataclass(frozen=True, slots=True)
class Details:
    """A process's report on itself with each heartbeat."""

    #: Blank: an older version, which does not say it.
    version: str = ""
    #: Publishes that have begun, by network.
    publishing: Mapping[str, int] = field(default_factory=dict)
    #: Claimed destinations that wait for their turn in the process.
    waiting: int = 0
    #: Celery tasks that are running, by name.
    tasks: Mapping[str, int] = field(default_factory=dict)
    #: What it should do and cannot, such as `publishing`: its log says why.
    broken: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WorkerHeartbeat:
    """A process that serves these queues, and the age of its last heartbeat. Beat serves none."""

    name: str
    queues: frozenset[str]
    age_seconds: float
    details: Details = Details()

    @property
    def is_alive(self) -> bool:
        return self.is_heard and not self.details.broken

    @property
    def is_heard(self) -> bool:
        """Return whether the process runs, even if one of its engines is broken."""
        return self.age_seconds <= DEAD_AFTER_SECONDS


def record(name: str, queues: Iterable[str], details: Details | None = None) -> None:
    """Record that this process is alive. Raises RedisError."""
    entry = json.dumps([name, sorted(queues)])
    said = json.dumps(asdict(details or Details()))
    _client().eval(RECORD, 2, KEY, DETAILS + name, entry, FORGET_AFTER_SECONDS, said)


def remove(name: str, queues: Iterable[str]) -> None:
    """Remove this process, which stops on purpose. Raises RedisError."""
    removing = _client().pipeline()
    removing.zrem(KEY, json.dumps([name, sorted(queues)]))
    removing.delete(DETAILS + name)
    removing.execute()


def known(client: redis.Redis | None = None) -> list[WorkerHeartbeat]:
    """Processes with a heartbeat in FORGET_AFTER_SECONDS, alive or not. Raises RedisError."""
    client = client or _client()
    reading = client.pipeline(transaction=False)
    reading.time()
    reading.zrange(KEY, 0, -1, withscores=True)
    (seconds, _), entries = reading.execute()
    found = [(*json.loads(entry), max(0, seconds - written_at)) for entry, written_at in entries]
    said = client.mget([DETAILS + name for name, _, _ in found]) if found else []
    return [
        WorkerHeartbeat(name, frozenset(queues), age, _details(words))
        for (name, queues, age), words in zip(found, said, strict=True)
    ]


def _details(words: bytes | str | None) -> Details:
    """Read the report of a process; a newer version may say more, an older one nothing."""
    said = json.loads(words) if words else {}
    return Details(**{each.name: said[each.name] for each in fields(Details) if each.name in said})


def _client() -> redis.Redis:
    return _client_of(settings.REDIS_URL)


@lru_cache(maxsize=8)
def _client_of(url: str) -> redis.Redis:
    return redis_client.connect(
        url, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    )


def main(name: str, *options: str) -> int:
    """0 if that worker is alive; with `--restart` also if Redis cannot be asked."""
    try:
        found = known(_client_of(env.secret("REDIS_URL")))
    except redis.RedisError:
        if "--restart" in options:
            return 0
        raise
    return int(not any(worker.name == name and worker.is_alive for worker in found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
