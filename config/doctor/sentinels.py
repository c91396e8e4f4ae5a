"""Redis' Sentinels: whether they all answer, and could replace a primary that dies."""

from collections.abc import Iterator

import redis
from django.conf import settings

from config.doctor.finding import Finding, ok, warning
from config.doctor.servers import TIMEOUT_SECONDS
from destinations.runtime import redis_url

#: With two no majority is left when one host dies.
FEWEST = 3


def check_sentinels() -> Iterator[Finding]:
    """Finds nothing where REDIS_URL names one server."""
    found = redis_url.sentinels(settings.REDIS_URL)
    if found is None:
        return
    timeouts = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS}
    asked = dict(zip(found.hosts, found.manager(**timeouts).sentinels, strict=True))
    silent = [f"{name}:{port}" for (name, port), each in asked.items() if not _agrees(each, found)]
    if silent:
        yield warning(
            "redis",
            f"Without an answer, or unable to replace {found.service}: {', '.join(silent)}.",
            "Look at these Sentinels' logs, at their password and at their quorum.",
        )
    elif len(found.hosts) < FEWEST:
        yield warning(
            "redis",
            f"REDIS_URL names {len(found.hosts)} of its Sentinels.",
            "Name three or more, on hosts of their own.",
        )
    else:
        yield ok("redis", f"{len(found.hosts)} Sentinels agree on {found.service}")


def _agrees(sentinel: redis.Redis, found: redis_url.Sentinels) -> bool:
    """Whether it answers, and sees enough of the others to replace a primary."""
    try:
        # What it cannot do is an error; redis-py takes the words of what it can for a no.
        sentinel.sentinel_ckquorum(found.service)
    except redis.RedisError:
        return False
    return True
