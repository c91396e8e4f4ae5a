"""How many messages wait in each queue."""

from django.conf import settings

from config.queue.routing import every
from destinations.runtime.redis_client import client

#: kombu keeps a queue's messages in one Redis list per priority: the first has the queue's name.
#: Source: `priority_steps` and `sep` of `kombu.transport.redis.Channel`.
SUFFIXES = ("", *(f"\x06\x16{step}" for step in (3, 6, 9)))


def read() -> dict[str, int]:
    """Messages that no worker has taken, by queue. Raises RedisError."""
    asking = client(settings.REDIS_URL).pipeline(transaction=False)
    names = every()
    for queue in names:
        for suffix in SUFFIXES:
            asking.llen(queue + suffix)
    lengths = iter(asking.execute())
    return {queue: sum(next(lengths) for _ in SUFFIXES) for queue in names}
