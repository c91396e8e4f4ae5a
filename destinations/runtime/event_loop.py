"""One asyncio loop per worker process for the network; the task's own thread for the database.

A task starts coroutines on the loop and then serves what they ask of the database, everything that
has come in since its last look in one go. Nothing blocks the loop, and nothing crosses threads but
one queue.
"""

import asyncio
import atexit
import itertools
import os
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from destinations.runtime.slots import Slots
from platforms.http.media_host import MediaHost
from platforms.http.transport import Transport

#: How long a group waits for company: one commit for twenty costs what one for one costs.
LINGER_SECONDS = 0.02

#: So long without a sign of life, and something blocks the loop.
STUCK_SECONDS = 30
PULSE_SECONDS = 1

#: What a coroutine calls to have something done by the thread that owns the database.
Ask = Callable[[Any], Awaitable[Any]]


@dataclass(slots=True)
class Asked:
    """A coroutine's request, waiting for `value` (or `failure`) to be filled in."""

    request: Any
    future: "asyncio.Future[Any]"
    value: Any = None
    failure: Exception | None = None


class _Ended:
    """A coroutine is through."""

    def __init__(self, failure: BaseException | None) -> None:
        self.failure = failure


class Loop:
    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._transports: dict[tuple[str, str], Transport] = {}
        self._media_host: MediaHost | None = None
        self._slots: dict[str, Slots] = {}
        self._turns = itertools.count()
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
        """Whether something blocks it: then nothing that is under way will come to an end."""
        return time.monotonic() - self._pulsed_at > STUCK_SECONDS

    def transport(self, platform: str) -> Transport:
        """The kept-alive connections to a platform. Called on the loop only."""
        key = (platform, settings.SIMULATOR_URL)
        if key not in self._transports:
            self._transports[key] = Transport(
                timeout_seconds=settings.PLATFORM_TIMEOUT_SECONDS,
                base_urls=settings.PLATFORM_BASE_URLS,
                gateway=settings.SIMULATOR_URL,
                versions=settings.API_VERSIONS,
            )
        return self._transports[key]

    def media_host(self) -> MediaHost:
        """Asks the web host that serves our files. Called on the loop only."""
        if self._media_host is None:
            # Never through a gateway: it is our own.
            own = self._transports["", ""] = Transport(connections=10)
            self._media_host = MediaHost(own)
        return self._media_host

    def slots(self, platform: str, count: int) -> Slots:
        """What this process may have in flight at a platform."""
        return self._slots.setdefault(platform, Slots(count))

    def turn(self) -> int:
        """A number for a list: the lower one is served first."""
        return next(self._turns)

    def stream(
        self, starts: Sequence[Callable[[Ask], Coroutine[Any, Any, None]]], idle_seconds: float
    ) -> Iterator[list[Asked]]:
        """Run the coroutines; yields what they ask, grouped. Empty: nothing came for a while.

        The caller fills in every `value` before it takes the next group.
        """
        inbox: queue.SimpleQueue[Asked | _Ended] = queue.SimpleQueue()

        async def ask(request: Any) -> Any:
            asked = Asked(request, self._loop.create_future())
            inbox.put(asked)
            return await asked.future

        tasks: list[asyncio.Task[None]] = []

        def begin() -> None:
            for start in starts:
                task = self._loop.create_task(start(ask))
                task.add_done_callback(lambda done: inbox.put(_Ended(_failure(done))))
                tasks.append(task)

        self._loop.call_soon_threadsafe(begin)
        running, failure = len(starts), None
        try:
            while running:
                linger = LINGER_SECONDS if running > 1 else 0
                group = _drain(inbox, idle_seconds, linger)
                ended = [item for item in group if isinstance(item, _Ended)]
                running -= len(ended)
                failure = failure or next((e.failure for e in ended if e.failure), None)
                asked = [item for item in group if isinstance(item, Asked)]
                if asked or not ended:
                    yield asked
                self._loop.call_soon_threadsafe(_answer, asked)
        finally:
            self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])
        if failure:
            raise failure


def _drain(
    inbox: "queue.SimpleQueue[Asked | _Ended]", idle_seconds: float, linger_seconds: float
) -> list[Asked | _Ended]:
    """Everything in the inbox, after waiting for the first of it; empty if nothing came."""
    group: list[Asked | _Ended] = []
    with suppress(queue.Empty):
        group.append(inbox.get(timeout=idle_seconds))
        time.sleep(linger_seconds)
        while True:
            group.append(inbox.get_nowait())
    return group


def _answer(asked: list[Asked]) -> None:
    for item in asked:
        if item.future.done():
            continue
        if item.failure:
            item.future.set_exception(item.failure)
        else:
            item.future.set_result(item.value)


def _failure(task: "asyncio.Task[None]") -> BaseException | None:
    return None if task.cancelled() else task.exception()


@lru_cache(maxsize=1)
def _loop_of(pid: int) -> Loop:
    return Loop()


def current() -> Loop:
    """This process's loop; a forked child gets one of its own."""
    with _lock:
        return _loop_of(os.getpid())


_lock = threading.Lock()
