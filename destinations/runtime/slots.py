"""How much one process may have in flight at a platform: a crash leaves so many look-ups."""

import asyncio
import heapq
import itertools


class Slots:
    """A semaphore that serves the oldest list first.

    Lists that took turns would each have a few destinations in flight and commit a few at a time;
    one after the other they commit by the dozen.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    async def take(self, turn: int) -> None:
        """Wait for a slot; the lowest `turn` is served first."""
        if self._free:
            self._free -= 1
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (turn, next(self._numbers), future))
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.give_back()
            raise

    def give_back(self) -> None:
        while self._waiting:
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
                return
        self._free += 1
