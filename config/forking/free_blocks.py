"""Fill the free blocks between a parent's objects, so that its forks leave its pages shared.

CPython keeps small objects in blocks of one size. A fork would put its own objects into the blocks
that importing left free, and copy a page for each; filled ones make it take new pages.
"""

import os
import sys
import tempfile
from collections.abc import Iterator

#: For as long as the process lives.
_fillings: list[list[object]] = []


def fill() -> None:
    """Fill all of them. Does nothing where CPython does not show them in its usual form."""
    for size, count in list(free_blocks()):
        _fillings.append([_filling(size) for _ in range(count)])


def free_blocks() -> Iterator[tuple[int, int]]:
    """Yield (bytes of a block, how many are free). Call it while there is one thread."""
    with tempfile.TemporaryFile() as shown:
        errors = os.dup(2)
        os.dup2(shown.fileno(), 2)
        try:
            sys._debugmallocstats()
        finally:
            os.dup2(errors, 2)
            os.close(errors)
        shown.seek(0)
        rows = [line.split() for line in shown]
    for row in rows:
        # Class, size, pools, blocks in use, free blocks.
        if len(row) == 5 and all(word.isdigit() for word in row):
            yield int(row[1]), int(row[4])


def _filling(size: int) -> object:
    """Return a new object that takes one block of this size."""
    if size <= sys.getsizeof(b""):
        return float(size) if size > sys.getsizeof(object()) else object()
    return bytes(size - sys.getsizeof(b""))
