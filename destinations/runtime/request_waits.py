"""Requests that hold a thread for long, few at a time: they wait for a worker or for another
server, or their answer is large.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from typing import ClassVar

from django.conf import settings

#: A room has an eighth of the threads, few of them for one workspace; all rooms together have half.
#: So other requests are answered at once. The last place is for a workspace that has none.
SHARE, SHARE_OF_ALL, MOST_EACH = 8, 2, 2
LOOK_SECONDS = 0.1


class Busy(Exception):
    """All places are taken for now."""


class RequestWaitLimiter:
    """Limits how many requests of this process wait at once: for one workspace (or what `key`
    names), in this room and in all rooms.
    """

    _lock: ClassVar = threading.Lock()
    _in_all_rooms: ClassVar[Counter[Hashable]] = Counter()

    def __init__(self, most_each: int = MOST_EACH, *, is_apart: bool = False) -> None:
        """`is_apart`: it does not count among all rooms, so that no other one fills it."""
        self._most_each, self._is_apart = most_each, is_apart
        self._taken: Counter[Hashable] = Counter()

    @contextmanager
    def one(self, key: Hashable) -> Iterator[bool]:
        """Yield whether there is a place; it is kept while the block lasts."""
        with self._lock:
            is_free = self._is_free(key)
            self._count(key, is_free)
        try:
            yield is_free
        finally:
            with self._lock:
                self._count(key, -is_free)

    def enter(self, key: Hashable) -> ExitStack:
        """Return a place, which is kept until it is closed. Raises Busy if there is none."""
        place = ExitStack()
        if not place.enter_context(self.one(key)):
            place.close()
            raise Busy
        return place

    def wait(self, key: Hashable, seconds: float, is_over: Callable[[], bool]) -> None:
        """Return once `is_over`, or after so many seconds, or at once without a place."""
        give_up_at = time.monotonic() + seconds
        with self.one(key) as has_place:
            while has_place and time.monotonic() < give_up_at:
                time.sleep(LOOK_SECONDS)
                if is_over():
                    return

    def _count(self, key: Hashable, places: int) -> None:
        for taken in (self._taken,) if self._is_apart else (self._taken, self._in_all_rooms):
            taken[key] += places
            if not taken[key]:
                del taken[key]

    def _is_free(self, key: Hashable) -> bool:
        least, threads = self._most_each + 1, settings.WEB_THREADS
        has_room = self._is_apart or _has_place(
            self._in_all_rooms, key, max(least, threads // SHARE_OF_ALL)
        )
        has_place = _has_place(self._taken, key, max(least, threads // SHARE))
        return has_room and has_place and self._taken[key] < self._most_each


def _has_place(taken: Counter[Hashable], key: Hashable, places: int) -> bool:
    """Return whether one of so many places is left for a workspace; the last one for a new one."""
    return taken.total() < places - (taken[key] > 0)
