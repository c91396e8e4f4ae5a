"""The rows of a list, cell by cell: a table on wide screens, cards on narrow ones.

The theme's own table names no column inside its cells, not in every release; a card needs it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import display_for_field, display_for_value, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils.html import format_html

from destinations import times
from destinations.runtime import clock


class TableCell(NamedTuple):
    column: str
    label: str
    content: Any
    is_heading: bool = False


class TableRow(NamedTuple):
    checkbox: Any
    cells: list[TableCell]


CHECKBOX = "action_checkbox"


def rows(changelist: Any, labels: dict[str, str]) -> Iterator[TableRow]:
    now = clock.now()
    columns = [name for name in changelist.list_display if name != CHECKBOX]
    has_actions = CHECKBOX in changelist.list_display
    heading = columns.index(next(iter(changelist.list_display_links or columns)))
    for row in changelist.result_list:
        cells = [
            TableCell(name, labels[name], _content(changelist, row, name, now)) for name in columns
        ]
        cells[heading] = cells[heading]._replace(
            content=_link(changelist, row, cells[heading].content), is_heading=True
        )
        checkbox = changelist.model_admin.action_checkbox(row) if has_actions else ""
        yield TableRow(checkbox, cells)


def _link(changelist: Any, row: Model, content: Any) -> Any:
    """The content as the link to the row's page."""
    preserved = {"preserved_filters": changelist.preserved_filters, "opts": changelist.opts}
    url = add_preserved_filters(preserved, changelist.url_for_result(row))
    return format_html('<a class="dovecote-link" href="{}">{}</a>', url, content)


def _content(changelist: Any, row: Model, name: str, now: datetime) -> Any:
    try:
        field, attribute, value = lookup_field(name, row, changelist.model_admin)
    except ObjectDoesNotExist:
        return "-"
    if isinstance(value, datetime):
        return times.short(value, now)
    if field is None:
        return display_for_value(value, "-", getattr(attribute, "boolean", False))
    if field.remote_field:
        return getattr(row, field.name) or "-"
    return display_for_field(value, field, "-")
