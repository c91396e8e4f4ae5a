"""One asyncio loop per process for the network, with what its coroutines share."""

import asyncio
import atexit
import heapq
import itertools
import os
import threading
import time
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any

from django.conf import settings

from destinations.runtime.worker.command_queue import CommandQueue
from platforms.http.media_host import MediaHost
from platforms.http.transport import Transport

#: The loop counts as blocked when it has not run its pulse for so long.
STUCK_SECONDS = 30
PULSE_SECONDS = 1


#: Connections to a network beside those of publishes: refreshes of tokens.
REFRESHES = 10


def in_flight(platform: str) -> int:
    """Return how many publishes this process may have in flight at a network."""
    return settings.IN_FLIGHT_BY_NETWORK.get(platform, settings.IN_FLIGHT)


class Slots:
    """A semaphore that serves the oldest list first.

    It bounds what one process has in flight at a platform, and so how many lookups a crash
    leaves.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    async def acquire(self, priority: int) -> None:
        """Wait for a slot; the lowest `priority` is served first."""
        if self._free:
            self._free -= 1
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._numbers), future))
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.release()
            raise

    def release(self) -> None:
        while self._waiting:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
                return
        self._free += 1


class Strangers:
    """A loop of its own for servers that customers name.

    What such a server does, and a mistake in how it is read, holds up other strangers at most, and
    not the networks that all share.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="strangers", daemon=True).start()

    async def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Return what a coroutine returns there. Who is cancelled cancels it."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))


class Loop:
    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._strangers = Strangers()
        self._transports: dict[tuple[str, str], Transport] = {}
        self._media_host: MediaHost | None = None
        self._slots: dict[str, Slots] = {}
        self._priorities = itertools.count()
        self._pulsed_at = time.monotonic()
        self._loop.call_soon(self._pulse)
        threading.Thread(target=self._loop.run_forever, name="network", daemon=True).start()
        atexit.register(self._close)

    def _close(self) -> None:
        closing = [transport.close() for transport in self._transports.values()]
        for coroutine in closing:
            asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=5)

    def _pulse(self) -> None:
        self._pulsed_at = time.monotonic()
        self._loop.call_later(PULSE_SECONDS, self._pulse)

    def is_stuck(self) -> bool:
        """Return whether something blocks the loop, so that no call in progress will end."""
        return time.monotonic() - self._pulsed_at > STUCK_SECONDS

    def transport(self, platform: str) -> Transport:
        """Return the kept-alive connections to a platform. Called on the loop only."""
        key = (platform, settings.SIMULATOR_URL)
        if key not in self._transports:
            self._transports[key] = Transport(
                connections=in_flight(platform) + REFRESHES,
                timeout_seconds=settings.PLATFORM_TIMEOUT_SECONDS,
                base_urls=settings.PLATFORM_BASE_URLS,
                gateway=settings.SIMULATOR_URL,
                versions=settings.API_VERSIONS,
                apart=self._strangers.run,
            )
        return self._transports[key]

    def media_host(self) -> MediaHost:
        """Return a client of the web host that serves our files. Called on the loop only."""
        if self._media_host is None:
            # Never through a gateway: the host is our own.
            own = self._transports["", ""] = Transport(connections=10)
            self._media_host = MediaHost(own)
        return self._media_host

    def slots(self, platform: str, count: int) -> Slots:
        """Return the slots of a platform in this process."""
        return self._slots.setdefault(platform, Slots(count))

    def next_priority(self) -> int:
        """Return a priority for a new list, behind all lists before it."""
        return next(self._priorities)

    def command_queue(self) -> CommandQueue:
        """Return a new queue for coroutines on this loop."""
        return CommandQueue(self._loop)


@lru_cache(maxsize=1)
def _loop_of(pid: int) -> Loop:
    return Loop()


def current() -> Loop:
    """Return this process's loop; a forked child gets one of its own."""
    with _lock:
        return _loop_of(os.getpid())


_lock = threading.Lock()
