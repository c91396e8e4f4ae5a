"""A client of Redis for what may fail: short timeouts, no retries by itself."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from destinations.runtime import redis_url

TIMEOUT_SECONDS = 1


@lru_cache(maxsize=8)
def client(url: str) -> redis.Redis:
    """Shared by all threads of the process; a forked one gets connections of its own."""
    return redis_url.connect(
        url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def words(found: Mapping[Any, Any]) -> dict[str, str]:
    """Return a hash of texts, which arrives as bytes."""
    return {name.decode(): value.decode() for name, value in found.items()}
