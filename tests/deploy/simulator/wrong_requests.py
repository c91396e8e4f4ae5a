"""Requests that are almost those of our adapters: each with one thing wrong.

A header, a parameter of the query or a field of the body is dropped, misspelled, sent twice, empty,
null, of another type (`mistype`), an unknown value (`alter`, also for an id of the path), far too
large (`enlarge`) or negative; one is added that no network knows; the method is another.
"""

import dataclasses
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Pairs = tuple[tuple[str, str], ...]

#: What a person writes: any text is right.
FREE = {
    *("text", "title", "description", "message", "caption", "commentary", "altText", "alt_text"),
    *("alt_text_custom", "thumbnailAltText", "question", "tags", "Slug", "audio_name"),
    *("collaborators", "topic_tag", "alt"),
}
#: How the transport calls a conversation over a websocket.
WEBSOCKET = "WS"
#: A number that no size, count or time reaches.
LARGE = 10**15
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
#: Parts of a path that differ from post to post.
ID = re.compile(r"(?<=/)(?:[^/]*(?:\d{2}|%3A)[^/]*|C\w{5}Q[^/]*)")


@dataclass(frozen=True)
class Sent:
    """A request as it goes out. `url` is absolute, with the network's own host as first folder."""

    method: str
    url: str
    headers: Pairs
    body: bytes

    @property
    def query(self) -> Pairs:
        return _pairs(urlsplit(self.url).query)

    def with_query(self, pairs: Pairs) -> "Sent":
        url = self.url.partition("?")[0]
        return dataclasses.replace(self, url=f"{url}?{_joined(pairs)}" if pairs else url)

    @property
    def kind(self) -> str:
        found = dict(self.headers).get("Content-Type", "")
        return found.partition(";")[0]


@dataclass(frozen=True)
class Wrong:
    """One wrong version of a request: what was done to which part of it."""

    call: str
    how: str
    #: Such as `query fields`, `body reply.in_reply_to_tweet_id` or `header Authorization`.
    place: str
    request: Sent

    def __str__(self) -> str:
        return f"{self.call}: {self.how} {self.place}"


def wrong_versions(sent: Sent) -> Iterator[Wrong]:
    """Every version of a request that has one thing wrong."""
    call = call_of(sent)
    for how, name, pairs in (*_wrong_pairs(sent.query), *_added(sent.query)):
        yield Wrong(call, how, f"query {name}", sent.with_query(pairs))
    for how, name, pairs in _wrong_pairs(sent.headers):
        yield Wrong(call, how, f"header {name}", dataclasses.replace(sent, headers=pairs))
    for how, name, body in _wrong_bodies(sent):
        yield Wrong(call, how, f"body {name}".rstrip(), dataclasses.replace(sent, body=body))
    if sent.method != WEBSOCKET:
        other = "PUT" if sent.method == "PATCH" else "PATCH"
        yield Wrong(call, "misuse", "method", dataclasses.replace(sent, method=other))
    path = urlsplit(sent.url).path
    for match in ID.finditer(path):
        wrong = sent.url.replace(path, f"{path[: match.end()]}x{path[match.end() :]}", 1)
        yield Wrong(call, "alter", "path", dataclasses.replace(sent, url=wrong))


def call_of(sent: Sent) -> str:
    """The method and the path, without the post or account that it is about."""
    return f"{sent.method} {ID.sub('*', urlsplit(sent.url).path).strip('/')}"


def _altered(value: str) -> str:
    """A value that is unknown, or no URL any more."""
    return f"x{value}" if value.startswith("http") else f"{value}x"


def _pairs(text: str) -> Pairs:
    found = (pair.partition("=") for pair in text.split("&") if pair)
    return tuple((name, value) for name, _, value in found)


def _joined(pairs: Pairs) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


def _wrong_pairs(pairs: Pairs) -> Iterator[tuple[str, str, Pairs]]:
    """(how, name, pairs) of names with values."""
    for at, (name, value) in enumerate(pairs):
        before, after = pairs[:at], pairs[at + 1 :]
        yield "drop", name, before + after
        yield "misspell", name, (*before, (f"{name}x", value), *after)
        yield "double", name, (*before, (name, value), (name, value), *after)
        if name not in FREE:
            yield "alter", name, (*before, (name, _altered(value)), *after)
            yield "empty", name, (*before, (name, ""), *after)
        if value.isdigit():
            yield "negate", name, (*before, (name, "-1"), *after)
            yield "enlarge", name, (*before, (name, f"{LARGE}"), *after)


def _added(pairs: Pairs) -> Iterator[tuple[str, str, Pairs]]:
    if pairs:
        yield "add", "unknown", (*pairs, ("unknown", "1"))


def _wrong_bodies(sent: Sent) -> Iterator[tuple[str, str, bytes]]:
    if not sent.body:
        return
    if sent.kind == "application/json" or sent.method == WEBSOCKET:
        yield from _wrong_json(json.loads(sent.body))
    elif sent.kind == FORM:
        form = _pairs(sent.body.decode())
        for how, name, pairs in (*_wrong_pairs(form), *_added(form)):
            yield how, name, _joined(pairs).encode()
    elif sent.kind == MULTIPART:
        yield from _wrong_parts(sent.body)
    else:
        yield "drop", "", b""
        yield "mistype", "", b"wrong"


class _Twice(str):
    """A name that differs from itself, so that an object may hold it twice."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def _wrong_json(body: Any) -> Iterator[tuple[str, str, bytes]]:
    if isinstance(body, dict):
        yield "add", "unknown", json.dumps({**body, "unknown": 1}).encode()
    for path in _paths(body):
        name, value = ".".join(map(str, path)), _at(body, path)
        if isinstance(path[-1], str):
            yield "drop", name, _changed(body, path)
            yield "misspell", name, _changed(body, path, **{f"{path[-1]}x": value})
            yield "double", name, _doubled(body, path)
        yield "mistype", name, _put(body, path, 7 if isinstance(value, str) else "wrong")
        yield "null", name, _put(body, path, None)
        if isinstance(value, dict):
            yield "add", name, _put(body, path, {**value, "unknown": 1})
        if value and (isinstance(value, list) or (isinstance(value, str) and not FREE & set(path))):
            yield "empty", name, _put(body, path, type(value)())
        if value and isinstance(value, list):
            yield "enlarge", name, _put(body, path, value * 400)
        if type(value) is int:
            yield "negate", name, _put(body, path, -1)
            yield "enlarge", name, _put(body, path, LARGE)
        if isinstance(value, str) and not FREE & set(path):
            yield "alter", name, _put(body, path, _altered(value))


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where every value of a JSON body is; of a list, the first item.

    A list that is the whole body is a message, whose items differ.
    """
    if path:
        yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _paths(item, (*path, name))
    elif isinstance(value, list) and not path:
        for at, item in enumerate(value):
            yield from _paths(item, (at,))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _at(body: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        body = body[step]
    return body


def _changed(body: Any, path: Sequence[str | int], **instead: Any) -> bytes:
    """The body with other values instead of the one at a path of names."""
    copy = json.loads(json.dumps(body))
    holder = _at(copy, path[:-1])
    del holder[path[-1]]
    holder |= instead
    return json.dumps(copy).encode()


def _put(body: Any, path: Sequence[str | int], value: Any) -> bytes:
    copy = json.loads(json.dumps(body))
    _at(copy, path[:-1])[path[-1]] = value
    return json.dumps(copy).encode()


def _doubled(body: Any, path: Sequence[str | int]) -> bytes:
    return _changed(body, path, **{path[-1]: _at(body, path), _Twice(path[-1]): _at(body, path)})


def _wrong_parts(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Wrong versions of a multipart form."""
    mark = body.partition(b"\r\n")[0]
    parts = body.split(mark)[1:-1]

    def joined(*parts: bytes) -> bytes:
        return b"".join(mark + part for part in parts) + mark + b"--\r\n"

    for at, part in enumerate(parts):
        before, after = parts[:at], parts[at + 1 :]
        name = re.findall(rb' name="([\w\[\]-]+)"', part)[0].decode()
        misspelled = part.replace(f' name="{name}"'.encode(), f' name="{name}x"'.encode())
        yield "drop", name, joined(*before, *after)
        yield "misspell", name, joined(*before, misspelled, *after)
        yield "double", name, joined(*before, part, part, *after)
        if b"filename" not in part and name not in FREE:
            yield "alter", name, joined(*before, part[:-2] + b"x\r\n", *after)
