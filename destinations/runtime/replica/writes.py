"""Remember when a workspace or an operator last wrote, for all processes, by Redis' clock."""

import redis
from django.conf import settings

from destinations.runtime.redis_client import client

KEY = "dovecote:wrote:"
#: A standby that is not this much ahead of the longest lag is not read anyway.
SPARE_SECONDS = 60
NOW = "local now = redis.call('TIME'); now = now[1] .. '.' .. string.format('%06d', now[2]) "
NOTE = NOW + "redis.call('SET', KEYS[1], now, 'EX', ARGV[1])"


def note(author: str) -> None:
    """Remember that `author` has written just now. Call it after the commit.

    While Redis is away nothing is remembered, and no list is read from a standby.
    """
    if settings.DATABASE_REPLICA is None:
        return
    seconds = settings.DATABASE_REPLICA_MAX_LAG_SECONDS + SPARE_SECONDS
    try:
        client(settings.REDIS_URL).eval(NOTE, 1, KEY + author, seconds)
    except redis.RedisError:
        return


def last(author: str) -> float | None:
    """Return when `author` last wrote; None: long ago. Raises RedisError."""
    found = client(settings.REDIS_URL).get(KEY + author)
    return None if found is None else float(found)


def now() -> float:
    """Return the time of the same clock. Raises RedisError."""
    return float(client(settings.REDIS_URL).eval(NOW + "return now", 0))
