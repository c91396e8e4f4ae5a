"""What others say, in a form that the database keeps.

A network may put anything into its answers, and what PostgreSQL refuses takes the whole outcome
with it: the post would be tried again, as if nothing had been answered. So whatever is stored of
others comes through here. PostgreSQL's texts have no NUL and no half of a character, and its
columns have lengths. Ids and tokens by which a network knows an account stay as they are.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, URLField

from destinations.models import Account, Attempt, Destination

UNKEPT = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"
COLUMNS = {
    field.name: field.base_field if isinstance(field, ArrayField) else field
    for model in (Account, Destination, Attempt)
    for field in model._meta.fields
}
#: How many characters there is room for.
LENGTHS = {
    name: field.max_length for name, field in COLUMNS.items() if isinstance(field, CharField)
}
#: A part of an address leads elsewhere, so what is too long is left out.
ADDRESSES = {name for name, field in COLUMNS.items() if isinstance(field, URLField)}


def clean(text: str) -> str:
    """The text, with U+FFFD for what no text of the database may hold."""
    return UNKEPT.sub(REPLACEMENT, text)


def fit(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values, at any depth, so that columns of these names hold them."""
    return {name: _fit(name, value) for name, value in row.items()}


def _fit(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _cut(name, clean(value))
    if isinstance(value, Mapping):
        return fit(value)
    if isinstance(value, list | tuple):
        return [_fit(name, each) for each in value]
    return value


def _cut(name: str, text: str) -> str:
    length = LENGTHS.get(name)
    if name in ADDRESSES and length and len(text) > length:
        return ""
    return text[:length]
