"""How often a key may call, counted in Redis over windows that roll.

A bucket holds what is counted together: all requests, or posts. Its windows are checked and all
buckets of a call are taken from in one step (limits.lua), by Redis' clock: however many processes
ask at once, no window is ever overfilled, and a refused call takes nothing. The price is one round
trip (0.2 ms, of which Redis works 0.06), and 80 bytes of Redis for each call of the longest window.

Redis only carries; if it is away nobody is refused. That is remembered for a few seconds, so that
not every call waits to find it out again.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from destinations.runtime.broker import CircuitBreaker
from posts import windows
from posts.models import ApiKey
from posts.windows import Window

log = structlog.get_logger()

#: How long Redis may take to connect, and to answer.
TIMEOUT_SECONDS = 1
_LUA = (Path(__file__).parent / "rate_limits.lua").read_text()
_breaker = CircuitBreaker()


@dataclass(frozen=True, slots=True)
class WindowUsage:
    """How a window stands after a call: what it holds, and when room is made in it.

    `in_the_way` is how many of its units must leave before the call is let through.
    """

    bucket: str
    window: Window
    used: int
    in_the_way: int
    now: float
    leaves_at: float

    @property
    def remaining(self) -> int:
        return max(0, self.window.limit - self.used)


def allowed(key: ApiKey, bucket: str) -> tuple[Window, ...]:
    """The key's windows of a bucket: its own numbers, or the installation's."""
    own = key.own_limits(bucket)
    found: tuple[Window, ...] = windows.parse(own) if own else settings.RATE_LIMITS[bucket]
    return found


def take(key: ApiKey, costs: Mapping[str, int]) -> list[WindowUsage]:
    """Take so many units from each bucket, or none at all; how every window of them stands.

    Nothing was taken if one of them has something in the way. A cost of 0 only looks. What costs
    more than a window holds gets an empty window. Empty: there are no limits, or Redis is away.
    """
    wanted = {bucket: (cost, allowed(key, bucket)) for bucket, cost in costs.items()}
    limited = {bucket: each for bucket, each in wanted.items() if each[1]}
    if not limited or _breaker.is_open():
        return []
    try:
        found = _run(str(key.pk), limited)
    except redis.RedisError as error:
        if _breaker.failed():
            # Only its kind: messages of drivers name hosts and users.
            log.error("rate_limits_off", failure=type(error).__name__)
        return []
    if count := _breaker.succeeded():
        log.info("rate_limits_on", let_through=count)
    return found


def are_enforced() -> bool:
    """Whether Redis counts at this moment: asked, not remembered."""
    try:
        _run("probe", {"requests": (1, (Window(1, 1),))})
    except redis.RedisError:
        return False
    return True


def _run(name: str, wanted: Mapping[str, tuple[int, tuple[Window, ...]]]) -> list[WindowUsage]:
    # The braces keep one caller's buckets on one node of a cluster.
    keys = [f"dovecote:rate:{{{name}}}:{bucket}" for bucket in wanted]
    asked = [
        {"cost": cost, "windows": [[each.limit, each.seconds * 1_000_000] for each in rolling]}
        for cost, rolling in wanted.values()
    ]
    answer = _script(settings.REDIS_URL)(keys, [json.dumps(asked), f"{secrets.token_hex(6)}:"])
    now, rest = answer[1] / 1e6, answer[2:]
    every = [(bucket, each) for bucket, (_, rolling) in wanted.items() for each in rolling]
    return [
        WindowUsage(bucket, each, used, in_the_way, now, leaves_at / 1e6)
        for (bucket, each), used, in_the_way, leaves_at in zip(
            every, rest[::3], rest[1::3], rest[2::3], strict=True
        )
    ]


@lru_cache(maxsize=8)
def _script(url: str) -> Script:
    client = redis.Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        # At once, once: a connection may be from before Redis was restarted.
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )
    return client.register_script(_LUA)
