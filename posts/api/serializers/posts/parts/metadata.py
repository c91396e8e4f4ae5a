"""What callers note on a post for themselves."""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

#: Of the metadata as compact JSON in UTF-8.
MOST_BYTES = 2_048
MOST_KEYS = 50
KEY_CHARS = 100
#: How deep objects and lists may be nested, the outermost counted.
MOST_LEVELS = 5
#: What JSON of every language and of the database carries without loss.
LARGEST, SMALLEST = 10**18, 10**-18
SCHEMA = {"type": "object", "maxProperties": MOST_KEYS, "additionalProperties": True}


@extend_schema_field(SCHEMA)
class MetadataField(serializers.Field):
    """A small JSON object, kept as it is."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("This is a JSON object.")
        if len(data) > MOST_KEYS:
            raise serializers.ValidationError(f"Has at most {MOST_KEYS} keys.")
        if any(len(name) > KEY_CHARS for name in data):
            raise serializers.ValidationError(f"A key has at most {KEY_CHARS} characters.")
        if _levels(data) > MOST_LEVELS:
            raise serializers.ValidationError(f"Is nested at most {MOST_LEVELS} levels deep.")
        if not all(map(_is_carried, _numbers(data))):
            raise serializers.ValidationError(
                "A number has at most 18 digits on each side of its point; send it as a string."
            )
        if size(data) > MOST_BYTES:
            raise serializers.ValidationError(
                f"Has at most {MOST_BYTES} bytes of JSON; these are {size(data)}."
            )
        return dict(data)


def size(data: Any) -> int:
    """The bytes of its compact JSON."""
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())


def _levels(data: Any) -> int:
    """Return how deep it is nested. The parser bounds the depth of every body."""
    inner = _inner(data)
    return 0 if inner is None else 1 + max(map(_levels, inner), default=0)


def _numbers(data: Any) -> Iterator[float]:
    if isinstance(data, int | float) and not isinstance(data, bool):
        yield data
    for each in _inner(data) or ():
        yield from _numbers(each)


def _is_carried(number: float) -> bool:
    return number == 0 or SMALLEST <= abs(number) < LARGEST


def _inner(data: Any) -> Collection[Any] | None:
    """The values of an object or a list; None of anything else."""
    if isinstance(data, Mapping):
        return data.values()
    return data if isinstance(data, list) else None
