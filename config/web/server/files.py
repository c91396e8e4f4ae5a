"""Answers that are files: the server's loop sends them, so no thread waits for a slow client."""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from waitress.buffers import ReadOnlyFileBasedBuffer


class FileAnswer(ReadOnlyFileBasedBuffer):
    """A file from its current position, for as many bytes as the answer's Content-Length says.

    It has its own file descriptor. So the thread that made the response can close it, which ends
    that thread's use of the database. `prepare` must be called first.
    """

    def __init__(self, file: Any) -> None:
        # WhiteNoise wraps the file when it serves a part of it.
        source: BinaryIO = getattr(file, "fileobj", file)
        self._offset = source.tell()
        self._fd = os.dup(source.fileno())
        self._response: Any = file

    def prepare(self, size: int | None = None) -> int:
        left = max(os.fstat(self._fd).st_size - self._offset, 0)
        self.remain = left if size is None else min(left, size)
        return self.remain

    def get(self, numbytes: int = -1, skip: bool = False) -> bytes:
        return os.pread(self._fd, min(numbytes, self.remain), self._offset)

    def skip(self, numbytes: int, allow_prune: bool = False) -> None:
        self._offset += numbytes
        self.remain -= numbytes

    def finish_response(self) -> None:
        """Close Django's response; the bytes are still to be sent."""
        response, self._response = self._response, None
        if response is not None:
            response.close()

    def close(self) -> None:
        # Needed only if the client left before the answer reached the loop.
        self.finish_response()
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self.remain = -1, 0

    def __iter__(self) -> Iterator[bytes]:
        """Only for an empty file, which waitress does not hand to the loop."""
        self.finish_response()
        return iter(())


class Blocks:
    """A stream that is not a local file; the thread reads it at once."""

    def __init__(self, file: BinaryIO, block_bytes: int) -> None:
        self._file, self._block_bytes = file, block_bytes

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._file.read(self._block_bytes), b"")

    def close(self) -> None:
        self._file.close()


def wrap(file: Any, block_bytes: int = 64 * 1024) -> FileAnswer | Blocks:
    """WSGI's file_wrapper."""
    try:
        return FileAnswer(file)
    except (AttributeError, OSError):
        return Blocks(file, block_bytes)
