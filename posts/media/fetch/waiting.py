"""So many requests may wait for files at once, of all workspaces and of each."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class WaitingRoom:
    """Places for the requests of this process."""

    def __init__(self) -> None:
        self._taken: Counter[uuid.UUID] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one(self, workspace_id: uuid.UUID, *, most: int, most_each: int) -> Iterator[bool]:
        """A place while the block lasts; False if all of them are taken."""
        is_taken = self._take(workspace_id, most, most_each)
        try:
            yield is_taken
        finally:
            if is_taken:
                with self._lock:
                    # Only what is taken is kept.
                    self._taken = +(self._taken - Counter([workspace_id]))

    def _take(self, workspace_id: uuid.UUID, most: int, most_each: int) -> bool:
        with self._lock:
            if self._taken.total() >= most or self._taken[workspace_id] >= most_each:
                return False
            self._taken[workspace_id] += 1
            return True
