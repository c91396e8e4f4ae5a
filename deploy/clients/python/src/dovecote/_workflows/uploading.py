"""Uploading: announce a file, send its bytes to where the server says, have it checked."""

import mimetypes
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import httpx

from dovecote import calls
from dovecote._api_error import ApiError, MediaError, NoAnswer
from dovecote._exchange import NEVER_SENT, USER_AGENT, Connection, Retries, error_of
from dovecote._steps import Send, Steps
from dovecote._workflows.waiting import WAIT_SECONDS, ready
from dovecote.models import CompletedMedia, MediaItem, Upload

#: Of silence, not of the whole upload.
SILENCE_SECONDS = 60.0

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


def _describe(source: Source, filename: str | None, content_type: str | None) -> File:
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


def upload(
    connection: Connection,
    file: Source,
    *,
    filename: str | None = None,
    content_type: str | None = None,
    progress: Progress | None = None,
) -> Steps[CompletedMedia]:
    """Upload a file by its path, or bytes; its `media_id` goes into `media_ids` of a post.

    The type is guessed from how the file begins, then from its name. `progress` is called with
    the bytes sent and the bytes in all. Raises MediaError if the type is unknown, ApiError if
    the file is refused, OSError if it cannot be read.
    """
    described = _describe(file, filename, content_type)
    announced = yield from connection.exchange(
        calls.create_upload(
            content_type=described.content_type,  # type: ignore[arg-type]  # it refuses others
            filename=described.filename,
            size=described.size,
        )
    )
    yield from _put(announced.data, described, progress, connection.patience)
    completed = yield from connection.exchange(calls.complete_upload(announced.data.media_id))
    return completed.data


def upload_from_url(
    connection: Connection,
    url: str,
    *,
    filename: str | None = None,
    timeout: float = WAIT_SECONDS,
    idempotency_key: str | None = None,
) -> Steps[MediaItem]:
    """Have the server fetch a file, and wait until it can be used.

    Raises MediaError if it cannot, StillWorking if it takes longer than `timeout` seconds.
    """
    call = calls.upload_from_url(url, filename=filename, idempotency_key=idempotency_key)
    fetched = yield from connection.exchange(call)
    return (yield from ready(connection, str(fetched.data.media_id), timeout))


def _put(place: Upload, file: File, progress: Progress | None, patience: float) -> Steps[None]:
    """Send the bytes; all of them again if the connection breaks."""
    retries = Retries(patience)
    while True:
        failed: ApiError | NoAnswer
        try:
            response: httpx.Response = yield Send(_request(place, file, progress))
        except httpx.TransportError as lost:
            told = f"{file.filename} could not be uploaded: {str(lost) or type(lost).__name__}."
            failed = NoAnswer(told, may_be_done=False, idempotency_key=None)
            again = not isinstance(lost, NEVER_SENT)
        else:
            if response.is_success:
                return
            failed = error_of(response)
            again = failed.retryable
        yield from retries.pause(failed, again)


def _request(place: Upload, file: File, progress: Progress | None) -> httpx.Request:
    """Without the key: the address itself is secret, and may be another company's."""
    return httpx.Request(
        place.upload_method.method,
        place.upload_url,
        headers={
            # A request with a stream gets no headers by itself.
            "Host": httpx.URL(place.upload_url).netloc.decode(),
            "Content-Type": place.upload_method.content_type,
            "Content-Length": str(file.size),
            "User-Agent": USER_AGENT,
        },
        stream=Body(file, progress),
        extensions={"timeout": httpx.Timeout(SILENCE_SECONDS).as_dict()},
    )
