"""The active filters of a list as chips, each with the address of the list without it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from destinations.admin.lists.dates import DateFilter


class Chip(NamedTuple):
    label: str
    value: str
    without: str


def chips(changelist: Any) -> Iterator[Chip]:
    if changelist.query:
        yield Chip("Search", changelist.query, changelist.get_query_string(remove=["q"]))
    for spec in changelist.filter_specs:
        if value := _said(spec):
            without = changelist.get_query_string(remove=spec.expected_parameters())
            yield Chip(str(spec.title).capitalize(), value, without)


def _said(spec: Any) -> str:
    """The value of a filter in words; "" while it is not used."""
    if isinstance(spec, DateFilter):
        return spec.said()
    used = [value for value in spec.used_parameters.values() if value not in (None, "", [""], [])]
    if not used:
        return ""
    value = used[0][0] if isinstance(used[0], list) else used[0]
    if hasattr(spec, "lookup_choices") and not hasattr(spec, "field"):
        return str(dict(spec.lookup_choices).get(value, ""))
    field = getattr(spec, "field", None)
    if field is not None and field.related_model:
        found = field.related_model._default_manager.filter(pk=value).first()
        return str(found) if found else str(value)
    return str(dict(field.flatchoices).get(value, value)) if field is not None else str(value)
