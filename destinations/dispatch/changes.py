"""Remembers in Redis which scheduled posts were changed or deleted, as far as it can.

A database that is set back to a moment before such a change would publish the post as it was then,
at its former time, although it was withdrawn or has been public for hours. Nothing in it says so.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import redis
import structlog
from django.conf import settings

from destinations.runtime import clock
from destinations.runtime.broker import CircuitBreaker
from destinations.runtime.flushing import flusher
from destinations.runtime.redis_client import client

log = structlog.get_logger()

#: When the post with the id that follows was last changed.
KEY = "dovecote:changed:"
#: Since when no change is missing, and of which run of Redis. An emptied one begins anew, and so
#: does one that was restarted or replaced by its replica: its last notes may be lost.
SINCE_KEY, RUN_KEY = "dovecote:changes_since", "dovecote:changes_run"
#: A change matters until the post's former time: what is due is doubted anyway.
SPARE = timedelta(days=1)
#: Between the clocks of two hosts.
SLACK = timedelta(minutes=1)
PAGE = 1_000
# The latest of the times that the post ever had decides how long it is kept.
NOTE = """
local left = redis.call('TTL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'EX', math.max(left, tonumber(ARGV[2])))
"""

_breaker = CircuitBreaker()


def note(posts: Mapping[uuid.UUID, datetime]) -> None:
    """Remember that these posts, by their former times, are changed. Call it before the commit.

    While Redis is away nothing is remembered, and no change is refused for that; the memory begins
    anew once it is back. What cannot be known then: a process may end before it has said so.
    """
    if not posts:
        return
    if _breaker.is_open():
        flusher.request_flush()
        return
    now = clock.now()
    try:
        with client(settings.REDIS_URL).pipeline(transaction=False) as calls:
            for post, at in posts.items():
                seconds = int((max(at, now) - now + SPARE).total_seconds())
                calls.eval(NOTE, 1, f"{KEY}{post}", now.isoformat(), seconds)
            calls.execute()
        _begin_anew_after_gap()
    except redis.RedisError as failure:
        _breaker.failed()
        flusher.request_flush()
        log.warning("change_not_remembered", posts=len(posts), failure=repr(failure))


class _Gap:
    """Says soon after Redis is back that changes are missing, also if none follows."""

    def flush(self) -> None:
        if not _breaker.is_away:
            return
        try:
            if not _breaker.is_open():
                client(settings.REDIS_URL).ping()
                _begin_anew_after_gap()
        except redis.RedisError:
            _breaker.failed()
        if _breaker.is_away:
            flusher.request_flush()

    def forget(self) -> None:
        """Do nothing: the parent of a forked process reports the gap."""


flusher.add(_Gap())


def _begin_anew_after_gap() -> None:
    """Raise RedisError."""
    if _breaker.is_away:
        client(settings.REDIS_URL).set(SINCE_KEY, clock.now().isoformat())
        _breaker.succeeded()


def remember_from_now() -> None:
    """Record when the memory began, if it has none of this run of Redis. Raises RedisError."""
    server = client(settings.REDIS_URL)
    info: Any = server.info("server")
    run = str(info["run_id"])
    known: Any = server.get(RUN_KEY)
    if known is None or known.decode() != run:
        with server.pipeline() as calls:
            calls.set(SINCE_KEY, clock.now().isoformat())
            calls.set(RUN_KEY, run)
            calls.execute()
    else:
        server.set(SINCE_KEY, clock.now().isoformat(), nx=True)


def since(moment: datetime) -> dict[uuid.UUID, datetime] | None:
    """Return the posts that were changed since then, and when; None if Redis is known to lack some.

    Raises RedisError.
    """
    server = client(settings.REDIS_URL)
    began: Any = server.get(SINCE_KEY)
    if _breaker.is_away or began is None or moment < datetime.fromisoformat(began.decode()):
        return None
    names: list[Any] = list(server.scan_iter(match=f"{KEY}*", count=PAGE))
    changed = {}
    for start in range(0, len(names), PAGE):
        some = names[start : start + PAGE]
        found: Any = server.mget(some)
        for name, at in zip(some, found, strict=True):
            if at and (changed_at := datetime.fromisoformat(at.decode())) >= moment - SLACK:
                changed[uuid.UUID(name.decode().removeprefix(KEY))] = changed_at
    return changed
