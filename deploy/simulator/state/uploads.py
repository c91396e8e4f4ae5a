"""The bytes of uploads, written to disk as they arrive, because files may be large."""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from deploy.simulator.state.store import Store

#: After how many bytes a fault may strike an upload.
PIECE_BYTES = 256 * 1024


class Uploads:
    """Files that grow. An upload has one writer at a time: the latest request."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writers: dict[str, object] = {}

    def begin(self, content_type: str) -> str:
        """An empty file; its id."""
        return self._store.write_file(b"", content_type)

    def size(self, file_id: str) -> int:
        return (self._store.files / file_id).stat().st_size

    async def append(
        self, file_id: str, request: Request, *, step: int, each_piece: Callable[[], None]
    ) -> bool:
        """Append the body; False if it was cut off.

        Of a cut body, whole steps of `step` bytes are kept; 0 keeps nothing. `each_piece` is
        called before every 256 KiB and may raise.
        """
        me = self._writers[file_id] = object()
        before, whole, left = self.size(file_id), False, 0
        try:
            async for content in request.stream():
                if self._writers.get(file_id) is not me:
                    return False
                left -= len(content)
                if left < 0:
                    each_piece()
                    left += max(PIECE_BYTES, len(content))
                with (self._store.files / file_id).open("ab") as file:
                    file.write(content)
            whole = True
        except ClientDisconnect:
            pass
        finally:
            if not whole and self._writers.get(file_id) is me:
                size = self.size(file_id)
                self._cut(file_id, size - size % step if step else before)
        return whole

    def join(self, file_id: str, pieces: Iterable[Path]) -> None:
        """Make the file of these pieces, in order."""
        with (self._store.files / file_id).open("wb") as whole:
            for path in pieces:
                with path.open("rb") as piece:
                    shutil.copyfileobj(piece, whole)

    def finish(self, file_id: str) -> str:
        """The whole file's sha256, in hexadecimal; its size is stored for the wall."""
        self._writers.pop(file_id, None)
        self._store.change("", "file", file_id, size=self.size(file_id))
        with (self._store.files / file_id).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _cut(self, file_id: str, size: int) -> None:
        with (self._store.files / file_id).open("r+b") as file:
            file.truncate(size)

    def head(self, file_id: str, count: int = 16) -> bytes:
        with (self._store.files / file_id).open("rb") as file:
            return file.read(count)


def content_range(request: Request, total: int) -> tuple[int, int] | None:
    """(first, last) of the header `bytes FIRST-LAST/TOTAL`, which may be left out for the whole.

    None if it is anything else, or is not as long as the body.
    """
    value = request.headers.get("content-range", f"bytes 0-{total - 1}/{total}")
    found = re.fullmatch(r"bytes ([0-9]+)-([0-9]+)/([0-9]+)", value)
    if found is None:
        return None
    first, last, given = map(int, found.groups())
    length = request.headers.get("content-length", "")
    fits = first <= last < given == total and length == str(last - first + 1)
    return (first, last) if fits else None
