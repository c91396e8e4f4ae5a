"""What an answer must look like, as data, and what is wrong with one.

A shape is a name of `KINDS` (`"uuid"`), with `?` if it may also be null; `"=name"`: equal to the
field `name` beside it; a tuple: one of these values; a list: an array of this; a dict: an object
that has at least these fields, those whose name ends in `?` only sometimes.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

Shape = str | tuple | list | dict


def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


KINDS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "text": _text(r"(?s).*\S.*"),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "uuid": _text(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "time": _text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    "instant": _text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "url": _text(r"https?://\S+"),
    "color": _text(r"#[0-9a-f]{6}"),
    "secret": _text(r"whsec_[A-Za-z0-9+/]{43}="),
    "code": _text(r"[B-DF-HJ-NP-TV-Z]{4}-[B-DF-HJ-NP-TV-Z]{4}"),
}


def problems(shape: Shape, value: Any, at: str = "") -> Iterator[str]:
    """A sentence for each thing that is wrong."""
    if isinstance(shape, dict):
        yield from _object(shape, value, at)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{at} is no array: {value!r}"
        else:
            for number, item in enumerate(value):
                yield from problems(shape[0], item, f"{at}[{number}]")
    elif isinstance(shape, tuple):
        if value not in shape:
            yield f"{at} is none of {shape}: {value!r}"
    elif not (value is None and shape.endswith("?")) and not KINDS[shape.rstrip("?")](value):
        yield f"{at} is no {shape}: {value!r}"


def _object(shape: dict, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at} is no object: {value!r}"
        return
    for name, wanted in shape.items():
        field, path = name.rstrip("?"), f"{at}.{name.rstrip('?')}"
        if field not in value:
            if not name.endswith("?"):
                yield f"{path} is missing"
        elif not (isinstance(wanted, str) and wanted.startswith("=")):
            yield from problems(wanted, value[field], path)
        elif value[field] != value.get(wanted[1:]):
            yield f"{path} is {value[field]!r}, and {wanted[1:]} {value.get(wanted[1:])!r}"
