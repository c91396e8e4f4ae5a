"""One asyncio loop per worker process for the network; the task's own thread for the database.

A task starts coroutines on the loop and then executes the commands that they send to the database,
all that have come in since it last looked as one group. Nothing blocks the loop, and only one queue
crosses threads.
"""

import asyncio
import atexit
import heapq
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

from platforms.http.media_host import MediaHost
from platforms.http.transport import Transport

#: How long a group waits for more commands: a commit of twenty costs no more than a commit of one.
LINGER_SECONDS = 0.02

#: The loop counts as blocked when it has not run its pulse for so long.
STUCK_SECONDS = 30
PULSE_SECONDS = 1

#: Awaited by a coroutine to have a command executed by the thread that owns the database.
Execute = Callable[[Any], Awaitable[Any]]


@dataclass(slots=True)
class Pending:
    """A coroutine's command and, once executed, its result; a result may be an exception."""

    command: Any
    future: "asyncio.Future[Any] | None" = None
    result: Any = None


class _Ended:
    """Marks the end of a coroutine."""

    def __init__(self, failure: BaseException | None) -> None:
        self.failure = failure


class Slots:
    """A semaphore that serves the oldest list first.

    It bounds what one process has in flight at a platform, and so how many lookups a crash
    leaves. Lists that took turns would each have a few destinations in flight and commit a few at
    a time; one after the other they commit by the dozen.
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


class Loop:
    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
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
        """Whether something blocks the loop, so that no call in progress will end."""
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
        """A client of the web host that serves our files. Called on the loop only."""
        if self._media_host is None:
            # Never through a gateway: the host is our own.
            own = self._transports["", ""] = Transport(connections=10)
            self._media_host = MediaHost(own)
        return self._media_host

    def slots(self, platform: str, count: int) -> Slots:
        """The slots of a platform in this process."""
        return self._slots.setdefault(platform, Slots(count))

    def next_priority(self) -> int:
        """A priority for a new list, behind all lists before it."""
        return next(self._priorities)

    def stream(
        self, starts: Sequence[Callable[[Execute], Coroutine[Any, Any, None]]], idle_seconds: float
    ) -> Iterator[list[Pending]]:
        """Run the coroutines; yields their commands in groups, an empty one after an idle time.

        The caller fills in every result before it takes the next group.
        """
        inbox: queue.SimpleQueue[Pending | _Ended] = queue.SimpleQueue()

        async def execute(command: Any) -> Any:
            future = self._loop.create_future()
            inbox.put(Pending(command, future))
            return await future

        tasks: list[asyncio.Task[None]] = []

        def begin() -> None:
            for start in starts:
                task = self._loop.create_task(start(execute))
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
                pending = [item for item in group if isinstance(item, Pending)]
                if pending or not ended:
                    yield pending
                self._loop.call_soon_threadsafe(_resolve, pending)
        finally:
            self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])
        if failure:
            raise failure


def _drain(
    inbox: "queue.SimpleQueue[Pending | _Ended]", idle_seconds: float, linger_seconds: float
) -> list[Pending | _Ended]:
    """Wait for the first item, then take everything in the inbox; empty if nothing came."""
    group: list[Pending | _Ended] = []
    with suppress(queue.Empty):
        group.append(inbox.get(timeout=idle_seconds))
        time.sleep(linger_seconds)
        while True:
            group.append(inbox.get_nowait())
    return group


def _resolve(group: list[Pending]) -> None:
    for pending in group:
        future, result = pending.future, pending.result
        if future is None or future.done():
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)


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
