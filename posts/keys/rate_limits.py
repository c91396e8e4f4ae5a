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
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from pathlib import Path

import redis
import structlog
from django.conf import settings

from destinations.runtime.broker import CircuitBreaker
from destinations.runtime.redis_client import client
from posts import rate_windows
from posts.errors import RequestRefused
from posts.keys.redis_script import RedisScript
from posts.models import ApiKey
from posts.rate_windows import Window

log = structlog.get_logger()

#: How long Redis may take to connect, and to answer.
TIMEOUT_SECONDS = 1
_LUA = (Path(__file__).parent / "rate_limits.lua").read_text()
_GIVE_BACK = 'return redis.call("ZREM", KEYS[1], unpack(ARGV))'
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

    @property
    def wait_seconds(self) -> int:
        """After how many seconds the window has room again; at least one."""
        return max(1, ceil(self.leaves_at - self.now))


Limits = Mapping[str, tuple[Window, ...]]


def allowed(key: ApiKey, bucket: str, limits: Limits | None = None) -> tuple[Window, ...]:
    """The windows of a bucket for this key: its own, or else those of `limits`.

    Without `limits`: the installation's.
    """
    own = key.own_limits(bucket)
    if own:
        return rate_windows.parse(own)
    found: tuple[Window, ...] = (limits or settings.RATE_LIMITS)[bucket]
    return found


def take(
    key: ApiKey,
    costs: Mapping[str, int],
    limits: Limits | None = None,
    *,
    over_seconds: int = 0,
    call: str = "",
) -> list[WindowUsage]:
    """Add so many units to each bucket, or to none; returns the state of all their windows.

    `call`: a name of `new_call`, by which some of them can be given back.

    Nothing was added if a window has an `excess`. A cost of 0 only reads. A call that costs more
    than a whole window is allowed once the window is empty. An empty list means that there are no
    limits or that Redis is away. Of posts only windows over `over_seconds` are checked and filled.
    """
    wanted = {bucket: (cost, allowed(key, bucket, limits)) for bucket, cost in costs.items()}
    if over_seconds and "posts" in wanted:
        cost, rolling = wanted["posts"]
        wanted["posts"] = cost, tuple(each for each in rolling if each.seconds > over_seconds)
    return _count(str(key.pk), wanted, over_seconds, call)


def new_call() -> str:
    """A name for the units of a call, which no other call has."""
    return secrets.token_hex(6)


def give_back(key: ApiKey, bucket: str, call: str, units: Iterable[int]) -> None:
    """Take units of a call out of its bucket again; they count from 1."""
    try:
        script = _script(_GIVE_BACK, settings.REDIS_URL, TIMEOUT_SECONDS, os.getpid())
        script(1, _key(str(key.pk), bucket), *(f"{call}:{unit}" for unit in units))
    except redis.RedisError as error:
        log.warning("rate_limit_not_given_back", failure=_failure_name(error))


def take_of(
    name: str, bucket: str, rolling: tuple[Window, ...], count: int = 1
) -> list[WindowUsage]:
    """The same for `count` units of a caller without a key, who is known by `name`."""
    return _count(name, {bucket: (count, rolling)})


def demand_of(
    name: str, bucket: str, rolling: tuple[Window, ...], what: str, count: int = 1
) -> None:
    """The same, and raises RequestRefused beyond them; `what` names the calls in its message."""
    full = refusing(take_of(name, bucket, rolling, count))
    if full:
        refused = RequestRefused(
            "rate_limit_exceeded",
            f"Too many {what}; try again in {full.wait_seconds} s.",
            retry_after_seconds=full.wait_seconds,
        )
        refused.retry_after_seconds = full.wait_seconds
        raise refused


def forget(names: Collection[str]) -> None:
    """Delete what is counted of these callers, in every bucket. Raises RedisError."""
    server = client(settings.REDIS_URL)
    for key in server.scan_iter(match=_key("*", "*"), count=1000):
        if key.decode().partition("{")[2].partition("}")[0] in names:
            server.delete(key)


def refusing(standings: Iterable[WindowUsage]) -> WindowUsage | None:
    """The window that refuses a call; of several, the one that refuses longest."""
    full = [each for each in standings if each.excess]
    return max(full, key=lambda each: each.leaves_at) if full else None


def _count(
    name: str,
    wanted: Mapping[str, tuple[int, tuple[Window, ...]]],
    posts_age: int = 0,
    call: str = "",
) -> list[WindowUsage]:
    limited = {bucket: each for bucket, each in wanted.items() if each[1]}
    if not limited or _breaker.is_open():
        return []
    try:
        found = _run(name, limited, posts_age, call)
    except redis.RedisError as error:
        if _breaker.failed():
            log.error("rate_limits_off", failure=_failure_name(error))
        return []
    if count := _breaker.succeeded():
        log.info("rate_limits_on", let_through=count)
    return found


def _failure_name(error: redis.RedisError) -> str:
    """Its type, and the code that Redis answered, such as BUSY. Messages name hosts and users."""
    code = str(error).partition(" ")[0]
    is_answer = isinstance(error, redis.ResponseError) and code.isalpha() and code.isupper()
    return f"{type(error).__name__} {code}" if is_answer else type(error).__name__


def are_enforced() -> bool:
    """Return whether Redis counts right now. Always asks Redis."""
    try:
        _run("probe", {"requests": (1, (Window(1, 1),))})
    except redis.RedisError:
        return False
    return True


def _run(
    name: str,
    wanted: Mapping[str, tuple[int, tuple[Window, ...]]],
    posts_age: int = 0,
    call: str = "",
) -> list[WindowUsage]:
    keys = [_key(name, bucket) for bucket in wanted]
    # Entered as if it had been then, a unit is in no shorter window, now or later.
    ages = {"posts": posts_age}
    asked = [
        f"{cost} {ages.get(bucket, 0)} {_words(rolling)}"
        for bucket, (cost, rolling) in wanted.items()
    ]
    script = _script(_LUA, settings.REDIS_URL, TIMEOUT_SECONDS, os.getpid())
    answer = script(len(keys), *keys, f"{call or new_call()}:", *asked)
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


def _key(name: str, bucket: str) -> str:
    # The braces keep one key's buckets on one node of a cluster.
    return f"dovecote:rate:{{{name}}}:{bucket}"


@lru_cache(maxsize=8)
def _script(lua: str, url: str, timeout_seconds: float, process: int) -> RedisScript:
    """Of this process: a connection must not be shared with a fork."""
    return RedisScript(lua, url, timeout_seconds)
