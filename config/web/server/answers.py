"""Answers that the server gives by itself: errors in the API's envelope, and files.

Programs parse every answer as JSON, and some send a POST again whose answer they cannot read. The
server's loop sends files, so no thread waits for a slow client.
"""

import json
import os
from collections.abc import Iterator
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, BinaryIO

import structlog
from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.task import ErrorTask

from config.observability import api_calls, requests
from config.web.server.parser import Parser
from posts.api import errors, parsers
from posts.api.renderers import wrap_error
from posts.errors import RequestRefused

log = structlog.get_logger("access")


def refused_as(error: Any) -> RequestRefused:
    """An error of the parser, ours or waitress's, in the API's words."""
    if isinstance(error, RequestRefused):
        return error
    known = {
        413: parsers.too_large(),
        431: RequestRefused("headers_too_large", "The request's headers are too long."),
        500: RequestRefused("internal_error", "Something went wrong on our side."),
        501: RequestRefused(
            "not_implemented", "This transfer coding is not supported; use chunked."
        ),
    }
    return known.get(error.code, RequestRefused("validation_error", "The request is malformed."))


def answer(request: Parser, refused: RequestRefused) -> tuple[str, list[tuple[str, str]], bytes]:
    """Status, headers and body; and the line in the access log."""
    request_id = requests.choose(request.headers.get("X_REQUEST_ID", ""))
    number = errors.STATUS[refused.code]
    error = wrap_error(errors.body(refused), SimpleNamespace(request_id=request_id))  # type: ignore[arg-type]
    headers = [("Content-Type", "application/json"), (requests.HEADER, request_id)]
    if refused.retry_after_seconds is not None:
        headers.append(("Retry-After", str(refused.retry_after_seconds)))
    api_calls.note_refused(request.command, request.path, number, refused.code, request_id)
    log.info(
        "request_refused",
        method=request.command,
        path=request.path,
        status=number,
        code=refused.code,
        request_id=request_id,
    )
    return f"{number} {HTTPStatus(number).phrase}", headers, json.dumps(error).encode()


def raw(request: Parser, refused: RequestRefused) -> bytes:
    """Return the answer as bytes, the last ones before the connection closes."""
    status, headers, body = answer(request, refused)
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(lines).encode() + body


class ErrorAnswer(ErrorTask):
    """Answers a request whose parser found an error. The connection ends with it."""

    def execute(self) -> None:
        status, headers, body = answer(self.request, refused_as(self.request.error))
        self.status = status
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(b"" if self.request.command == "HEAD" else body)


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
        piece = os.pread(self._fd, min(numbytes, self.remain), self._offset)
        if not piece:
            raise OSError("A file became shorter while it was sent.")
        return piece

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
