"""Sanitize external text for PostgreSQL.

A network may put anything into its answers. Text that PostgreSQL refuses would undo the whole
outcome: the post would be tried again as if nothing had been answered. So everything stored of
others passes through here. PostgreSQL's text has no NUL and no lone surrogates, and its columns
have lengths. The ids and tokens by which a network knows an account are kept as they are.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, URLField

from destinations.models import Account, Attempt, Destination

FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"
COLUMNS = {
    field.name: field.base_field if isinstance(field, ArrayField) else field
    for model in (Account, Destination, Attempt)
    for field in model._meta.fields
}
#: The most characters per column.
LENGTHS = {
    name: field.max_length for name, field in COLUMNS.items() if isinstance(field, CharField)
}
#: A truncated URL leads elsewhere, so a URL that is too long is left out.
URLS = {name for name, field in COLUMNS.items() if isinstance(field, URLField)}


def clean(text: str) -> str:
    """Return the text, with U+FFFD for every character that PostgreSQL refuses."""
    return FORBIDDEN.sub(REPLACEMENT, text)


def values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values, sanitized at any depth and cut to the lengths of their columns."""
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _cut(name, clean(value))
    if isinstance(value, Mapping):
        return values(value)
    if isinstance(value, list | tuple):
        return [_value(name, each) for each in value]
    return value


def _cut(name: str, text: str) -> str:
    length = LENGTHS.get(name)
    if name in URLS and length and len(text) > length:
        return ""
    return text[:length]
