"""Strict JSON: a body that is ambiguous, or that cannot be stored, is refused."""

import json
import math
import re
from dataclasses import dataclass
from typing import IO, Any

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser

from posts.errors import RequestRefused

#: Far above what any post needs.
BODY_BYTES = 1_000_000
#: Far above what any endpoint documents.
DEPTH = 16


@dataclass(frozen=True, slots=True)
class Amount:
    """The most that a body may hold."""

    bytes: int = BODY_BYTES
    containers: int = 5_000
    values: int = 50_000


ANY = Amount()
#: Ends with the body if the string does: a string that is not closed is read once, not once more
#: from each quotation mark in it.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: IO[bytes], *args: Any, **kwargs: Any) -> Any:
        return decode(stream.read(BODY_BYTES + 1))


def decode(raw: bytes, most: Amount = ANY) -> Any:
    """The value of a body. Raises RequestRefused, ParseError or ValidationError."""
    if len(raw) > most.bytes:
        raise too_large(most.bytes)
    marks = _marks(raw, most)
    _check_amount(marks, most)
    try:
        value = _DECODER.decode(raw.decode())
    except (ValueError, RecursionError):
        raise ParseError("The body is not valid JSON in UTF-8.") from None
    _check_depth(marks)
    # Valid UTF-8 JSON can hold a null character or a lone surrogate only as an escape.
    if b"\\u" in raw:
        _check_texts(value)
    return value


def too_large(most: int = BODY_BYTES) -> RequestRefused:
    return RequestRefused("file_too_large", f"This body has at most {most} bytes.")


def canonical(raw: bytes) -> bytes:
    """The same bytes for the same JSON, however it is formatted; invalid JSON is unchanged."""
    try:
        value = decode(raw)
    except (RequestRefused, ParseError, ValidationError):
        return raw
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Parsers disagree on which of the two counts, and one may be the time.
        raise ValidationError("A field is given twice.")
    return found


def _no_constants(name: str) -> None:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        # 1e999 parses as infinity, which JSON cannot express.
        raise ValueError(digits)
    return number


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_no_constants, parse_float=_finite
)


def _marks(raw: bytes, most: Amount) -> bytes:
    """The body without its strings; nothing if it has too few brackets and commas to be refused."""
    openings = raw.count(b"[") + raw.count(b"{")
    return b"" if openings <= DEPTH and raw.count(b",") <= most.values else _STRING.sub(b"", raw)


def _check_amount(marks: bytes, most: Amount) -> None:
    """Refuse more values than any call needs, before they take memory."""
    containers, values = marks.count(b"[") + marks.count(b"{"), marks.count(b",")
    if containers > most.containers or values > most.values:
        raise ParseError(
            f"The body has more than {most.containers} lists and objects, or more than "
            f"{most.values} values; no call takes so many."
        )


def _check_depth(marks: bytes) -> None:
    """Refuse nesting deeper than any call needs, of valid JSON."""
    brackets = marks.translate(None, _NO_BRACKETS)
    for _ in range(DEPTH):
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise ValidationError("The body is nested too deeply.")


def _check_texts(value: Any) -> None:
    """Refuse text that the database cannot store."""
    level = [value]
    while level:
        inner: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, dict):
                inner += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                inner += item
        level = inner


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ValidationError("Null characters are not allowed.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValidationError("Surrogates must come in pairs.") from None
