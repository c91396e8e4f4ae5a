"""Which keys are at their limits: at 80 % of a window, or refused a short while ago.

The processes that serve requests note such keys in Redis, once a second at most, so that no reader
asks Redis about every key. How full their windows are is read when it is asked for. An emptied
Redis has empty windows too.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import redis
from django.conf import settings

from destinations.runtime import clock
from destinations.runtime.flushing import flusher
from destinations.runtime.redis_client import client, words
from posts.keys import rate_limits
from posts.keys.rate_limits import WindowUsage
from posts.models import ApiKey

#: From this share of a window on a key counts as near its limit.
NEAR = 0.8
#: Refusals are counted per period of so many seconds, and shown for the present and the last one.
PERIOD_SECONDS = 600
#: No window is longer than a day in practice; a key that was near a limit earlier is forgotten.
REMEMBERED_SECONDS = 24 * 3600
#: At most so many keys are remembered, and so many of the latest are looked at.
REMEMBERED, LOOKED_AT = 1000, 50
NOTED = "dovecote:keys:near_limits"
REFUSED = "dovecote:keys:refused:{}"


@dataclass(frozen=True, slots=True)
class KeyPressure:
    """A key at a limit. `fullest` is the window with the least room; None: none is full by now.

    `refused` counts its calls that were refused within the last 10 to 20 minutes, `last_at` is when
    it was last seen near a limit.
    """

    key: ApiKey
    fullest: WindowUsage | None
    refused: int
    last_at: datetime

    @property
    def share(self) -> float:
        """Return how full the fullest window is, 0 to 1."""
        return self.fullest.used / self.fullest.window.limit if self.fullest else 0.0


class Notes:
    """What this process has seen since the last flush: when, by key, and refusals by key."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}
        self._refused: Counter[str] = Counter()

    def add(self, key: ApiKey, *, is_refused: bool) -> None:
        name = str(key.pk)
        with self._lock:
            self._seen[name] = clock.known().timestamp()
            if is_refused:
                self._refused[name] += 1
        flusher.request_flush()

    def flush(self) -> None:
        """What Redis does not take is lost: it does not count calls either while it is away."""
        with self._lock:
            seen, self._seen = self._seen, {}
            refused, self._refused = self._refused, Counter()
        if not seen:
            return
        try:
            self._write(seen, refused)
        except redis.RedisError:
            return

    def _write(self, seen: dict[str, float], refused: Counter[str]) -> None:
        counted = REFUSED.format(_period(clock.known().timestamp()))
        with client(settings.REDIS_URL).pipeline(transaction=False) as asked:
            asked.zadd(NOTED, seen)
            asked.zremrangebyrank(NOTED, 0, -REMEMBERED - 1)
            asked.expire(NOTED, REMEMBERED_SECONDS)
            for name, count in refused.items():
                asked.hincrby(counted, name, count)
            if refused:
                asked.expire(counted, 2 * PERIOD_SECONDS)
            asked.execute()


def forget(keys: Collection[str]) -> None:
    """Delete what is remembered of these keys. Raises RedisError."""
    period = _period(clock.known().timestamp())
    with client(settings.REDIS_URL).pipeline(transaction=False) as asked:
        asked.zrem(NOTED, *keys)
        for each in (period, period - 1):
            asked.hdel(REFUSED.format(each), *keys)
        asked.execute()


notes = Notes()
flusher.add(notes)


def note(key: ApiKey, standings: Iterable[WindowUsage]) -> None:
    """Remember the key if one of these windows, as a call left them, is nearly full or refuses."""
    if not flusher.is_on:
        return
    is_near = is_refused = False
    for each in standings:
        is_refused = is_refused or each.excess > 0
        is_near = is_near or each.used >= NEAR * each.window.limit
    if is_near or is_refused:
        notes.add(key, is_refused=is_refused)


def at_limits(limit: int = 10) -> list[KeyPressure]:
    """The keys at their limits, those that are refused first, then the fullest; at most `limit`.

    Looks at the 50 keys that were near a limit last. Empty while Redis is away.
    """
    try:
        seen, refused = _read()
        found = list(_pressures(seen, refused))
    except redis.RedisError:
        return []
    found.sort(key=lambda each: (-each.refused, -each.share))
    return found[:limit]


def _read() -> tuple[dict[str, float], Counter[str]]:
    """When each of the latest keys was near a limit, and how many of its calls were refused."""
    now = clock.known().timestamp()
    with client(settings.REDIS_URL).pipeline(transaction=False) as asked:
        asked.zrevrangebyscore(
            NOTED, "+inf", now - REMEMBERED_SECONDS, start=0, num=LOOKED_AT, withscores=True
        )
        asked.hgetall(REFUSED.format(_period(now)))
        asked.hgetall(REFUSED.format(_period(now) - 1))
        seen, *counts = asked.execute()
    refused: Counter[str] = Counter()
    for counted in counts:
        refused.update({name: int(count) for name, count in words(counted).items()})
    return {name.decode(): at for name, at in seen}, refused


def _pressures(seen: dict[str, float], refused: Counter[str]) -> Iterator[KeyPressure]:
    ids = [uuid.UUID(name) for name in seen]
    rows = ApiKey.objects.filter(pk__in=ids, revoked_at=None).select_related("workspace")
    for key in rows.defer("digest"):
        name = str(key.pk)
        standings = rate_limits.take(key, {"requests": 0, "posts": 0})
        fullest = max(standings, key=lambda each: each.used / each.window.limit, default=None)
        if fullest and fullest.used < NEAR * fullest.window.limit:
            fullest = None
        if fullest or refused[name]:
            yield KeyPressure(key, fullest, refused[name], datetime.fromtimestamp(seen[name], UTC))


def _period(moment: float) -> int:
    return int(moment // PERIOD_SECONDS)
