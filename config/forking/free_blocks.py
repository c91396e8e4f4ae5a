"""Fill the free blocks between a parent's objects, so that its forks leave its pages shared.

CPython keeps small objects in blocks of one size. A fork would put its own objects into the blocks
that importing left free, and copy a page for each; filled ones make it take new pages.
"""

import os
import sys
import tempfile
from contextlib import suppress

#: For as long as the process lives.
_fillings: list[list[object]] = []


def fill() -> None:
    """Fill all of them. Does nothing where CPython does not show them, or no file can be made."""
    with suppress(OSError):
        for size, count in free_blocks():
            _fillings.append([_filling(size) for _ in range(count)])


def free_blocks() -> list[tuple[int, int]]:
    """Return (bytes of a block, how many are free). Call it while there is one thread.

    Raises OSError where there is no room for a temporary file, such as in a read-only container.
    """
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
    # Of each size: class, size, pools, blocks in use, free blocks.
    sizes = [row for row in rows if len(row) == 5 and all(word.isdigit() for word in row)]
    return [(int(row[1]), int(row[4])) for row in sizes]


def _filling(size: int) -> object:
    """Return a new object that takes one block of this size."""
    if size <= sys.getsizeof(b""):
        return float(size) if size > sys.getsizeof(object()) else object()
    return bytes(size - sys.getsizeof(b""))
