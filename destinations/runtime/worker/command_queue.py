"""Commands on their way from coroutines to the threads that own a database connection.

A coroutine on the event loop awaits the result of each of its commands. A thread takes all commands
that have come in since it last looked as one group. So groups grow with the load, nothing blocks
the loop, and only one queue crosses threads.
"""

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

log = structlog.get_logger()

#: The most commands of one group, so that its transaction stays short.
MOST = 200

#: After so long a command that waits for another session's lock is tried again.
LOCKED_SECONDS = 1

#: Awaited by a coroutine to have a command executed by a thread that owns the database.
Execute = Callable[[Any], Awaitable[Any]]
#: Makes a coroutine, given what executes its commands.
Start = Callable[[Execute], Coroutine[Any, Any, None]]


class CommandFailed(Exception):
    """A command was not executed; raised in the coroutine that asked for it."""


class CommandCrashed(CommandFailed):
    """A bug of ours, which is in the log. The next worker to claim the destination goes on."""


@dataclass(slots=True)
class Pending:
    """A coroutine's command and, once executed, its result; a result may be an exception."""

    command: Any
    future: "asyncio.Future[Any] | None" = None
    result: Any = field(default_factory=lambda: CommandCrashed("not executed"))
    #: It was not executed, because another session holds a lock that it needs.
    is_locked: bool = False
    #: That has happened to it.
    was_locked: bool = False


class CommandQueue:
    """Coroutines on a loop, and the commands that they wait for. Any thread may use it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        #: None: a coroutine ended.
        self._inbox: queue.SimpleQueue[Pending | None] = queue.SimpleQueue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._lock = threading.Lock()
        self.running = 0
        #: The first exception that ended a coroutine unexpectedly.
        self.failure: BaseException | None = None

    def run(self, starts: Sequence[Start]) -> None:
        """Start these coroutines on the loop. `running` counts them until they end."""
        with self._lock:
            self.running += len(starts)
        self._loop.call_soon_threadsafe(self._begin, starts)

    def take(self, idle_seconds: float) -> list[Pending]:
        """Return the commands that came in; none if none came in time, or a coroutine ended."""
        group: list[Pending | None] = []
        with suppress(queue.Empty):
            group.append(self._inbox.get(timeout=idle_seconds))
            while len(group) < MOST:
                group.append(self._inbox.get_nowait())
        return [pending for pending in group if pending]

    def poke(self) -> None:
        """Let the thread that takes commands look up. Called from any thread."""
        self._inbox.put(None)

    def resolve(self, group: Sequence[Pending]) -> None:
        """Let the coroutines go on with the results of their commands; what is locked is taken
        again after a while."""
        if group:
            self._loop.call_soon_threadsafe(self._resolve, group)

    def cancel(self) -> None:
        """End all coroutines where they wait."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    def _resolve(self, group: Sequence[Pending]) -> None:
        for pending in group:
            future, result = pending.future, pending.result
            if future is None or future.done():
                continue
            if pending.is_locked:
                pending.is_locked = False
                self._loop.call_later(LOCKED_SECONDS, self._inbox.put, pending)
            elif isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    async def _execute(self, command: Any) -> Any:
        future = self._loop.create_future()
        self._inbox.put(Pending(command, future))
        return await future

    def _begin(self, starts: Sequence[Start]) -> None:
        for start in starts:
            task = self._loop.create_task(start(self._execute))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            log.error("coroutine_crashed", exc_info=failure)
            self.failure = self.failure or failure
        with self._lock:
            self.running -= 1
        self._inbox.put(None)
