"""JSON, strictly: what could be read in two ways, or not be stored, is refused at the door."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser

from posts.refusals import Refused

#: Far above what any post needs.
BODY_BYTES = 1_000_000
#: Far above what any endpoint documents.
DEPTH = 16


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return decode(stream.read(BODY_BYTES + 1))


def decode(raw: bytes) -> Any:
    """The value of a body. Raises Refused, ParseError or ValidationError."""
    if len(raw) > BODY_BYTES:
        raise too_large()
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_constant=_no_constants,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):
        raise ParseError("The body is not valid JSON in UTF-8.") from None
    _check(value)
    return value


def too_large() -> Refused:
    return Refused("file_too_large", f"A JSON body has at most {BODY_BYTES} bytes.")


def canonical(raw: bytes) -> bytes:
    """The same bytes for the same JSON, however it is written; what is refused stays as it is."""
    try:
        value = decode(raw)
    except (Refused, ParseError, ValidationError):
        return raw
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Readers disagree on which of two counts, and one of them may be the time.
        raise ValidationError("A field is given twice.")
    return found


def _no_constants(name: str) -> None:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        # As 1e999 is read. It would be stored, and shown, as what JSON does not have.
        raise ValueError(digits)
    return number


def _check(value: Any) -> None:
    """Refuse text that the database cannot keep, and nesting that nothing here needs."""
    level = [value]
    for _ in range(DEPTH):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, dict):
                inner += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                inner += item
        level = inner
    if level:
        raise ValidationError("The body is nested too deeply.")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ValidationError("Null characters are not allowed.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValidationError("Surrogates must come in pairs.") from None
