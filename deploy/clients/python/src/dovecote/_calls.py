"""A call: what is sent, and how its answer is read. Nothing here speaks HTTP."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from dovecote._generated.types import Unset

Answer = TypeVar("Answer")
Data = TypeVar("Data")
Item = TypeVar("Item")

#: The most that the API lists at once.
PAGE = 100
#: The server has begun, and goes on.
ACCEPTED = 202
#: A file to send: where it is, or its name and bytes.
File = Path | tuple[str, bytes]


@dataclass(frozen=True)
class Call(Generic[Answer, Data]):
    """One request. Sent again it is the same: its `key` stays, so that it is done once."""

    operation: str
    method: str
    path: str
    reads: Callable[[Any], Answer]
    takes: Callable[[Answer], Data]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    key: str | None = None
    #: Reads an answer by 202, if it differs.
    accepted: Callable[[Any], Answer] | None = None

    @property
    def may_repeat(self) -> bool:
        """Return whether it does no harm to send it again although it may have been done."""
        return self.method == "GET" or self.key is not None

    def read(self, response: httpx.Response) -> Answer:
        if self.accepted and response.status_code == ACCEPTED:
            return self.accepted(response.json())
        is_json = self.reads not in (raw, nothing)
        return self.reads(response.json() if is_json else response.content)


@dataclass(frozen=True)
class Paged(Generic[Answer, Item]):
    """A list. If its query has a limit, it is answered page by page, otherwise at once."""

    operation: str
    method: str
    path: str
    reads: Callable[[Any], Answer]
    takes: Callable[[Answer], Any]
    items: Callable[[Answer], list[Item]]
    #: None: the answer does not say whether more follow.
    more: Callable[[Answer], bool] | None
    query: Mapping[str, Any] = field(default_factory=dict)

    def page(self, offset: int) -> Call[Answer, Any]:
        """The page that begins so many items after the first one asked for."""
        query = self.query
        if self._has_pages:
            query = {**query, "offset": (query["offset"] or 0) + offset, "limit": self._size}
        return Call(*(self.operation, self.method, self.path, self.reads, self.takes), query=query)

    def following(self, offset: int, answer: Answer) -> int | None:
        """Return where the page after this one begins; None if this is the last."""
        if not self._has_pages:
            return None
        count = len(self.items(answer))
        more = self.more(answer) if self.more else count == self._size
        return offset + count if more and count else None

    @property
    def _has_pages(self) -> bool:
        return "limit" in self.query

    @property
    def _size(self) -> int:
        return int(self.query["limit"] or PAGE)


def raw(content: bytes) -> bytes:
    """Reads an answer that is no JSON: as it came."""
    return content


def nothing(content: bytes) -> None:
    """Reads an answer that has none."""


def key(given: str | None) -> str:
    """The caller's name for a thing to do, or a new one."""
    return given or str(uuid.uuid4())


def segment(value: object) -> str:
    """As a part of a path."""
    return quote(str(value), safe="")


def plain(value: Any) -> Any:
    """As JSON knows it. What is unset is left out. Raises TypeError for what JSON cannot hold."""
    if isinstance(value, Mapping):
        return {str(name): plain(v) for name, v in value.items() if not isinstance(v, Unset)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if isinstance(value, Iterable):
        return [plain(each) for each in value]
    raise TypeError(f"{value!r} cannot be sent.")


def query(values: Mapping[str, Any]) -> dict[str, str]:
    """As query parameters: several values are separated by commas."""
    return {name: _text(value) for name, value in plain(values).items() if value is not None}


def parts(values: Mapping[str, Any]) -> dict[str, tuple[str | None, bytes]]:
    """As the parts of a form: files with their names, everything else as text."""
    given = {name: value for name, value in values.items() if not isinstance(value, Unset)}
    return {name: _part(value) for name, value in given.items()}


def _part(value: Any) -> tuple[str | None, bytes]:
    if isinstance(value, Path):
        return value.name, value.read_bytes()
    if isinstance(value, tuple):
        name, content = value
        return str(name), bytes(content)
    return None, _text(plain(value)).encode()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone: pass datetime(…, tzinfo=…), or a text.")
    return value.isoformat()
