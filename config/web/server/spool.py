"""Limits on the disk space of arriving request bodies, and on who may send one.

The header alone decides, before the first byte of a body is stored: an upload URL is signed and
states its file's size; a file of posts may be larger than any other body, which may be as large as
JSON may be.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from config.web import bodies
from posts.api import parsers
from posts.errors import RequestRefused
from posts.media import uploads

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
