"""Rate limits of API keys, counted in Redis over rolling windows.

A bucket counts one kind of unit: requests, or posts. All windows of all buckets of a call are
checked and filled in one atomic step (rate_limits.lua), by Redis' clock. So no window is ever
overfilled, however many processes call at once, and a refused call takes nothing. The cost is one
round trip (0.02 ms of it in Redis), and 80 bytes of Redis per call in the longest window.

If Redis is away no call is refused. A failed attempt is remembered for a few seconds, so that not
every call waits for a timeout.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import redis
import structlog
from django.conf import settings

from destinations.runtime.broker import CircuitBreaker
from posts import windows
from posts.keys.redis_script import RedisScript
from posts.models import ApiKey
from posts.windows import Window

log = structlog.get_logger()

#: How long Redis may take to connect, and to answer.
TIMEOUT_SECONDS = 1
_LUA = (Path(__file__).parent / "rate_limits.lua").read_text()
_breaker = CircuitBreaker()


@dataclass(frozen=True, slots=True)
class WindowUsage:
    """The state of a window after a call, in units, and times in Unix seconds.

    `excess` is how many units must leave before the call is allowed, `leaves_at` when they do.
    """

    bucket: str
    window: Window
    used: int
    excess: int
    now: float
    leaves_at: float

    @property
    def remaining(self) -> int:
        return max(0, self.window.limit - self.used)


def allowed(key: ApiKey, bucket: str) -> tuple[Window, ...]:
    """The windows of a bucket for this key: its own, or the installation's."""
    own = key.own_limits(bucket)
    found: tuple[Window, ...] = windows.parse(own) if own else settings.RATE_LIMITS[bucket]
    return found


def take(key: ApiKey, costs: Mapping[str, int]) -> list[WindowUsage]:
    """Add so many units to each bucket, or to none; returns the state of all their windows.

    Nothing was added if a window has an `excess`. A cost of 0 only reads. A call that costs more
    than a whole window is allowed once the window is empty. An empty list means that there are no
    limits or that Redis is away.
    """
    wanted = {bucket: (cost, allowed(key, bucket)) for bucket, cost in costs.items()}
    limited = {bucket: each for bucket, each in wanted.items() if each[1]}
    if not limited or _breaker.is_open():
        return []
    try:
        found = _run(str(key.pk), limited)
    except redis.RedisError as error:
        if _breaker.failed():
            # Only the type: messages of drivers name hosts and users.
            log.error("rate_limits_off", failure=type(error).__name__)
        return []
    if count := _breaker.succeeded():
        log.info("rate_limits_on", let_through=count)
    return found


def are_enforced() -> bool:
    """Whether Redis counts right now. Always asks Redis."""
    try:
        _run("probe", {"requests": (1, (Window(1, 1),))})
    except redis.RedisError:
        return False
    return True


def _run(name: str, wanted: Mapping[str, tuple[int, tuple[Window, ...]]]) -> list[WindowUsage]:
    # The braces keep one key's buckets on one node of a cluster.
    keys = [f"dovecote:rate:{{{name}}}:{bucket}" for bucket in wanted]
    asked = [f"{cost} {_words(rolling)}" for cost, rolling in wanted.values()]
    script = _script(settings.REDIS_URL, TIMEOUT_SECONDS, os.getpid())
    answer = script(len(keys), *keys, f"{secrets.token_hex(6)}:", *asked)
    now, *rest = map(int, answer.split())
    every = [(bucket, each) for bucket, (_, rolling) in wanted.items() for each in rolling]
    return [
        WindowUsage(bucket, each, used, excess, now / 1e6, leaves_at / 1e6)
        for (bucket, each), used, excess, leaves_at in zip(
            every, rest[::3], rest[1::3], rest[2::3], strict=True
        )
    ]


@lru_cache(maxsize=1000)
def _words(rolling: tuple[Window, ...]) -> str:
    return " ".join(f"{each.limit} {each.seconds}" for each in rolling)


@lru_cache(maxsize=8)
def _script(url: str, timeout_seconds: float, process: int) -> RedisScript:
    """Of this process: a connection must not be shared with a fork."""
    return RedisScript(_LUA, url, timeout_seconds)
