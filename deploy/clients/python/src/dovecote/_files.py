"""A file to upload: its name, its type, its bytes in chunks, and how far it is."""

import mimetypes
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import httpx

from dovecote._api_error import MediaError

CHUNK_BYTES = 256 * 1024
#: Called with the bytes sent so far and the bytes in all; from 0 again if sent again.
Progress = Callable[[int, int], None]
Source = str | Path | bytes
#: How files begin, for bytes without a name.
MAGIC = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF", "application/pdf"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
)


@dataclass(frozen=True)
class File:
    filename: str
    content_type: str
    size: int
    source: Path | bytes

    def open(self) -> BinaryIO:
        return BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The bytes as a request sends them, by a thread or by an event loop."""

    def __init__(self, file: File, progress: Progress | None) -> None:
        self._file, self._progress = file, progress

    def __iter__(self) -> Iterator[bytes]:
        sent = 0
        with self._file.open() as opened:
            while chunk := opened.read(CHUNK_BYTES):
                yield chunk
                sent += len(chunk)
                if self._progress:
                    self._progress(sent, self._file.size)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def describe(source: Source, filename: str | None, content_type: str | None) -> File:
    """Raises MediaError if its type cannot be guessed, OSError if it cannot be read."""
    found = source if isinstance(source, bytes) else Path(source).expanduser()
    given = filename or ("" if isinstance(found, bytes) else found.name)
    kind = content_type or _guess(found, given)
    if kind is None:
        raise MediaError(f"The type of {given or 'these bytes'} is unknown: pass content_type.")
    name = given or f"file{mimetypes.guess_extension(kind) or ''}"
    size = len(found) if isinstance(found, bytes) else found.stat().st_size
    return File(name, kind, size, found)


def _guess(source: Path | bytes, filename: str) -> str | None:
    """By how it begins, because names lie; else by its name."""
    head = source[:16] if isinstance(source, bytes) else _head(source)
    for offset, begins, kind in MAGIC:
        if head[offset:].startswith(begins):
            return kind
    return mimetypes.guess_type(filename)[0]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)
