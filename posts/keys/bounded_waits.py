"""Places in waiting rooms for calls of the API, and for answers that are written in pieces."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack

from destinations.runtime.request_waits import Busy, RequestWaitLimiter
from posts.errors import try_again

RETRY_SECONDS = 5


def enter(room: RequestWaitLimiter, workspace_id: uuid.UUID, refusal: str) -> ExitStack:
    """A place, which is kept until it is closed. Raises RequestRefused if there is none."""
    try:
        return room.enter(workspace_id)
    except Busy:
        raise try_again(refusal, RETRY_SECONDS) from None


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
