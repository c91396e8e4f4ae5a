"""One request as it arrives: waitress's parser, stricter, and with a limit for each body.

The header alone decides who may send a body, before the first byte of one is stored: an upload URL
is signed and states its file's size; a file of posts may be larger than any other body, which may
be as large as JSON may be.
"""

import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestHeaderFieldsTooLarge

from config.web import bodies
from posts.api import parsers
from posts.errors import RequestRefused
from posts.media import uploads
from posts.media.storage import NO_ROOM

#: Limit of all small bodies together, however many connections there are. Any client may send one.
SMALL_BYTES = 256 * 1024 * 1024
RETRY_SECONDS = 30

Kind = Literal["small", "upload"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The limits of one request's body."""

    kind: Kind
    max_bytes: int
    #: Of an upload URL; "" for other requests.
    token: str = ""


class Spool:
    """Counts bytes of all bodies; called from the server's loop and from its threads."""

    def __init__(self, upload_bytes: int, make_room: Callable[[object], None]) -> None:
        #: Ends the small body that has taken longest, but not that of the request it is given.
        self._make_room = make_room
        self._limits: dict[Kind, int] = {"small": SMALL_BYTES, "upload": upload_bytes}
        self._used: Counter[Kind] = Counter()
        self._tokens: set[str] = set()
        self._lock = threading.Lock()

    def admit(self, method: str, path: str) -> Admitted:
        """The body that may follow this header. Raises RequestRefused."""
        if not bodies.is_upload(method, path):
            return Admitted("small", bodies.most_bytes(method, path.partition("?")[0]))
        token = path.removeprefix(bodies.UPLOADS)
        announced = uploads.announced_bytes(token)
        if announced is None:
            raise RequestRefused("not_found", uploads.UNKNOWN_UPLOAD)
        with self._lock:
            if token in self._tokens:
                raise _later("conflict", "Another upload to this URL is under way.")
            self._tokens.add(token)
        return Admitted("upload", announced, token)

    def take(self, kind: Kind, count: int, request: object) -> bool:
        """Reserve room for `count` more bytes; False, and nothing reserved, if there is none.

        Small bodies push out older ones, so that slow senders do not block others.
        """
        if self._add(kind, count):
            return True
        if kind == "small":
            self._make_room(request)
        return kind == "small" and self._add(kind, count)

    def _add(self, kind: Kind, count: int) -> bool:
        with self._lock:
            if self._used[kind] + count > self._limits[kind]:
                return False
            self._used[kind] += count
            return True

    def give_back(self, admitted: Admitted, count: int) -> None:
        with self._lock:
            self._used[admitted.kind] -= count
            self._tokens.discard(admitted.token)

    @property
    def used_bytes(self) -> int:
        return self._used.total()


def too_large(admitted: Admitted) -> RequestRefused:
    if admitted.kind == "upload":
        return uploads.longer_than(admitted.max_bytes)
    return parsers.too_large(admitted.max_bytes)


def full() -> RequestRefused:
    return _later("service_unavailable", "Too much is being sent at once; try again in a moment.")


def _later(code: Literal["conflict", "service_unavailable"], message: str) -> RequestRefused:
    refused = RequestRefused(code, message)
    refused.retry_after_seconds = RETRY_SECONDS
    return refused


#: HTTP implementations disagree on whether it ends a header.
BARE_LF = re.compile(rb"(?<!\r)\n")
#: A line that continues the header before it. Others read it as a header of its own, such as
#: another Content-Length (RFC 9112, 5.2).
FOLD = re.compile(rb"\r\n[ \t]")
#: Waitress parses a whole piece at once and copies the rest of it for each chunk.
CHUNKED_PIECE_BYTES = 8192
#: Chunk framing may take this much more than the body itself: parsing a chunk of one byte costs a
#: hundred times what it carries.
FRAMING_BYTES = 64 * 1024
CONTROL_BYTES = 4096


class Parser(HTTPRequestParser):
    """`error` is a RequestRefused or one of waitress's errors; it sets `completed`, and the rest of
    the request is ignored."""

    command = ""
    path = ""
    completed = False
    error: Any = None

    def __init__(self, spool: Spool, adj: Any) -> None:
        super().__init__(adj)
        self._spool = spool
        self._admitted: Admitted | None = None
        self._taken = 0

    @property
    def kind(self) -> str:
        """`small` or `upload`; "" before the header is complete."""
        return self._admitted.kind if self._admitted else ""

    def received(self, data: bytes) -> int:
        """Parse data; returns how many of its bytes belong to this request."""
        if self.completed:
            return 0
        consumed: int = self._header(data) if self.body_rcv is None else self._body(data)
        if self.error:
            self.completed, self.expect_continue = True, False
            self.release()
        return consumed

    def release(self) -> None:
        """Free the room of the body and its upload URL for other requests."""
        admitted, self._admitted = self._admitted, None
        if admitted:
            self._spool.give_back(admitted, self._taken)

    def close(self) -> None:
        self.release()
        super().close()

    def _header(self, data: bytes) -> int:
        seen = self.header_plus + data
        consumed: int = super().received(data)
        if isinstance(self.error, RequestHeaderFieldsTooLarge):
            # The headers may have come in the same piece.
            if len(seen.partition(b"\r\n")[0]) > self.adj.max_request_header_size // 2:
                self.error = RequestRefused("uri_too_long", "The address is too long.")
        elif not self.error and not self.headers_finished and BARE_LF.search(seen):
            self.error = _malformed()
        elif not self.error and self.headers_finished and not self.empty:
            try:
                self._admit(seen.partition(b"\r\n\r\n")[0])
            except RequestRefused as refused:
                self.error = refused
        return consumed

    def _admit(self, head: bytes) -> None:
        """Decide by the header whether a body may follow. Raises RequestRefused."""
        if FOLD.search(head):
            raise _malformed()
        # Two lengths, or a coding that this version of HTTP does not have: a proxy in front of us
        # may see another end of this request (request smuggling).
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise _malformed()
        if "TRANSFER_ENCODING" in self.headers:
            raise _malformed()
        if self.body_rcv is None:
            return
        self._admitted = self._spool.admit(self.command, "/" + self.path.lstrip("/"))
        if self.content_length > self._admitted.max_bytes:
            raise too_large(self._admitted)

    def _body(self, data: bytes) -> int:
        piece = data[:CHUNKED_PIECE_BYTES] if self.chunked else data
        try:
            consumed: int = super().received(piece)
        except OSError as error:
            self.error = _no_room(error)
            return len(piece)
        if not self.error:
            self._count()
        return consumed

    def _count(self) -> None:
        """Enforce the limits that the body was admitted with."""
        assert self._admitted is not None  # noqa: S101  # it has a body, so it was admitted
        body = self.body_rcv
        # Not len(), which cannot return sizes above sys.maxsize.
        size = body.__len__()
        if size > self._admitted.max_bytes:
            self.error = too_large(self._admitted)
        elif self.chunked and (
            self.body_bytes_received > 2 * size + FRAMING_BYTES
            or max(len(body.control_line), len(body.trailer)) > CONTROL_BYTES
        ):
            self.error = _malformed()
        elif self._spool.take(self._admitted.kind, size - self._taken, self):
            self._taken = size
        else:
            self.error = full()


def _malformed() -> RequestRefused:
    return RequestRefused("validation_error", "The request is malformed.")


def _no_room(error: OSError) -> RequestRefused:
    if error.errno in NO_ROOM:
        return RequestRefused(
            "storage_full",
            "This installation has no room left for what is sent, and nothing was stored; its "
            "operator must make room.",
        )
    return full()
