"""An engine whose thread owns the database, and whose jobs are coroutines on the network's loop."""

import time
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from destinations.jobs.engine import Engine
from destinations.jobs.leased_rows import LeasedRows
from destinations.runtime.worker import batch, event_loop, shutdown
from destinations.runtime.worker.command_queue import Execute

#: A lease is renewed once this part of it has passed.
RENEWED_PART = 1 / 3


class Claimed(Protocol):
    """A row that this process has claimed, with the token of its lease."""

    @property
    def id(self) -> Any: ...
    @property
    def claim(self) -> Any: ...


Row = TypeVar("Row", bound=Claimed)


class CommandEngine(Engine, Generic[Row]):
    """Claims rows, starts a coroutine for each, and executes what they ask of the database.

    A wake-up only wakes the thread, so no Celery thread waits for a network. Wake-ups coalesce:
    however many come during a round, one more follows, and so it does after each group of commands.

    Leases of what is in flight are renewed, however long it takes. If the process dies they end,
    and the rows are due again.
    """

    #: The leases of what is in flight.
    rows: ClassVar[LeasedRows[Any]]
    #: Who executes the commands, in events.
    by: str

    def __init__(self, threads: int = 1) -> None:
        self.network = event_loop.current()
        self.commands = self.network.command_queue()
        #: With the moments at which their leases began.
        self._in_flight: dict[Any, tuple[Row, float]] = {}
        self._is_woken = False
        super().__init__(threads)

    @property
    def running(self) -> int:
        return self.commands.running

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is in flight and no round is to come."""
        return not self._is_woken and not self.running

    def in_flight(self) -> list[Row]:
        return [row for row, _ in list(self._in_flight.values())]

    def wake(self) -> None:
        """Begin a round soon. Returns at once; called from any thread."""
        self._is_woken = True
        self.commands.poke()

    def step(self) -> bool:
        """Execute what coroutines ask for, and begin with what is due. False: nothing came."""
        group = self.commands.take(batch.IDLE_SECONDS)
        try:
            if group:
                batch.execute(group, self.by)
        finally:
            self.commands.resolve(group)
        self._renew()
        # Cleared only if it was set: what comes between the two has a round of its own.
        if is_woken := self._is_woken:
            self._is_woken = False
        if (group or is_woken) and not shutdown.is_requested():
            self.begin()
        return bool(group)

    @abstractmethod
    def begin(self) -> None:
        """Begin a round: claim what is due, and `start` it."""

    def start(
        self,
        claimed: Sequence[Row],
        work: Callable[[Row, Execute], Coroutine[Any, Any, None]],
    ) -> None:
        """Work on these rows, each in a coroutine."""
        now = time.monotonic()
        self._in_flight |= {each.id: (each, now) for each in claimed}
        self.commands.run([partial(self._run_one, each, work) for each in claimed])

    async def _run_one(
        self,
        row: Row,
        work: Callable[[Row, Execute], Coroutine[Any, Any, None]],
        execute: Execute,
    ) -> None:
        try:
            await work(row, execute)
        finally:
            # Another claim of the row may have come since.
            if self._in_flight.get(row.id, (None, 0))[0] is row:
                del self._in_flight[row.id]

    def _renew(self) -> None:
        now = time.monotonic()
        late = {
            pk: (row, began)
            for pk, (row, began) in list(self._in_flight.items())
            if now - began > self.rows.seconds * RENEWED_PART
        }
        if not late:
            return
        for pk in self.rows.renew_all({pk: row.claim for pk, (row, _) in late.items()}):
            row, began = late[pk]
            if self._in_flight.get(pk) == (row, began):
                self._in_flight[pk] = (row, now)
