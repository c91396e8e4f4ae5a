"""Requests that hold a thread for long, few at a time: they wait for a worker or for another
server, or their answer is large.
"""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings

from posts.errors import try_again

#: Only an eighth of the threads wait, and few for one workspace. Other requests are answered at
#: once.
WAITING_SHARE, MOST_EACH = 8, 2
LOOK_SECONDS = 0.1
RETRY_SECONDS = 5


class WaitingRoom:
    """Limits how many requests of this process wait at once, in total and per workspace."""

    def __init__(self) -> None:
        self._taken: Counter[uuid.UUID] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one(self, workspace_id: uuid.UUID, *, most: int, most_each: int) -> Iterator[bool]:
        """Whether there is a place; it is kept while the block lasts."""
        with self._lock:
            is_free = self._taken.total() < most and self._taken[workspace_id] < most_each
            self._taken[workspace_id] += is_free
        try:
            yield is_free
        finally:
            with self._lock:
                # `+` drops workspaces without a place.
                self._taken = +(self._taken - Counter({workspace_id: is_free}))

    def wait(self, workspace_id: uuid.UUID, seconds: float, is_over: Callable[[], bool]) -> None:
        """Return once `is_over`, or after so many seconds, or at once without a place."""
        give_up_at = time.monotonic() + seconds
        with self.one(workspace_id, most=_share(), most_each=MOST_EACH) as has_place:
            while has_place and time.monotonic() < give_up_at:
                time.sleep(LOOK_SECONDS)
                if is_over():
                    return

    def enter(self, workspace_id: uuid.UUID, refusal: str) -> ExitStack:
        """A place, which is kept until it is closed. Raises RequestRefused if there is none."""
        place = ExitStack()
        if not place.enter_context(self.one(workspace_id, most=_share(), most_each=MOST_EACH)):
            place.close()
            raise try_again(refusal, RETRY_SECONDS)
        return place


class HeldPieces(Iterator[bytes]):
    """An answer in pieces, which holds a place until it is written or given up."""

    def __init__(self, pieces: Iterator[bytes], place: ExitStack) -> None:
        self._pieces, self._place = pieces, place

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._place.close()


def _share() -> int:
    return max(MOST_EACH, settings.WEB_THREADS // WAITING_SHARE)
