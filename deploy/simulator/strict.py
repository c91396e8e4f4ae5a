"""Refuse what every network refuses before it looks at a call: what is said twice, unknown types,
and values that tables do not allow.

Our adapters never send it. Networks differ in which of two values they would take, and so must not
be asked.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: The content types of calls and of files.
TYPES = {
    *("application/json", "application/octet-stream", "application/pdf", *FORMS),
    *("image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff"),
    *("video/mp4", "video/quicktime", "video/webm", "video/mp2t", "text/plain"),
    *("application/msword", "application/vnd.ms-powerpoint"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "*/*",  # of a file whose sender does not know it
}


class Strict:
    """The app of a host. `repeatable` are query parameters that may come more than once."""

    def __init__(
        self, app: ASGIApp, refuse: Callable[[], Response], repeatable: Collection[str]
    ) -> None:
        self._app, self._refuse, self._repeatable = app, refuse, repeatable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._refuse() if scope["type"] == "http" and self._is_wrong(scope) else self._app
        await app(scope, receive, send)

    def _is_wrong(self, scope: Scope) -> bool:
        headers = [(name.decode("latin-1"), value) for name, value in scope["headers"]]
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        once = [pair for pair in query if pair[0] not in self._repeatable]
        kind = dict(headers).get("content-type", b"").decode("latin-1")
        charsets = {found.strip('" ').lower() for found in re.findall("charset=([^;]*)", kind)}
        is_odd = bool(charsets - {"utf-8"} or (kind and media_type(kind) not in TYPES))
        return is_odd or bool(repeated(headers) or repeated(once))


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def sniffed(content: bytes, starts: Mapping[str, tuple[int, bytes]]) -> str:
    """Return the type whose files begin like this, of those with (place, bytes); "" if none do."""
    found = (kind for kind, (at, start) in starts.items() if content.startswith(start, at))
    return next(found, "")


def repeated(pairs: Iterable[tuple[str, Any]]) -> list[str]:
    return [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]


def once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The names with their values. Raises ValueError for one that comes twice."""
    pairs = list(pairs)
    if names := repeated(pairs):
        raise ValueError(f"{names[0]} is there twice")
    return dict(pairs)


Fits = Callable[[Any], bool]


def text(value: Any) -> bool:
    return isinstance(value, str)


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def matching(pattern: str) -> Fits:
    """A text of which the whole matches."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(*known: str) -> Fits:
    return lambda value: isinstance(value, str) and value in known


def listed(known: str) -> Fits:
    """A comma-separated text of these words, each at most once."""
    words = set(known.split())

    def fits(value: Any) -> bool:
        given = value.split(",") if isinstance(value, str) else [""]
        return set(given) <= words and len(given) == len(set(given))

    return fits


def list_of(each: Fits, least: int = 0, most: int = 1000) -> Fits:
    return lambda value: (
        isinstance(value, list) and least <= len(value) <= most and all(map(each, value))
    )


def object_of(needed: Mapping[str, Fits], optional: Mapping[str, Fits]) -> Fits:
    known = {**needed, **optional}
    return lambda value: (
        isinstance(value, dict)
        and needed.keys() <= value.keys() <= known.keys()
        and all(known[name](item) for name, item in value.items())
    )


def wrong(given: Mapping[str, Any], known: Mapping[str, Fits]) -> list[str]:
    """The names that are unknown, or whose values do not fit."""
    return [name for name, value in given.items() if name not in known or not known[name](value)]
