"""Columns of lists and fields of rows' pages, declared in a line each as attributes of an admin."""

from collections.abc import Callable, Iterable, Mapping
from operator import methodcaller
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from destinations.admin import rendering

Show = Callable[[Any], Any]


class Column:
    """Shows something of a row under a name. Django reads it as it reads a function."""

    def __init__(self, name: str, show: Show, ordering: str | None = None) -> None:
        self.short_description, self.admin_order_field = name, ordering
        self._show = show

    def __call__(self, row: Any) -> Any:
        return self._show(row)


def label(name: str, words: Callable[[Any], str], colours: Mapping[str, str]) -> Column:
    """Show words as a label in their colour."""
    return Column(name, lambda row: rendering.label(words(row), colours))


def choice(column: str, colours: Mapping[str, str], name: str = "Status") -> Column:
    """Show the value of a column with choices as a label in its colour."""
    return label(name, methodcaller(f"get_{column}_display"), colours)


def row(name: str, page: str, find: Show, empty: str = "-") -> Column:
    """Link to another row, by its `str`, on a page such as `posts_apikey`."""

    def show(row: Any) -> SafeString | str:
        found = find(row)
        return rendering.inside(page, found.pk, str(found)) if found else empty

    return Column(name, show)


def lines(name: str, read: Callable[[Any], Iterable[Any]], empty: str = "none") -> Column:
    """Show a line for each that is read."""
    return Column(
        name, lambda row: format_html_join("", "<div>{}</div>", ((x,) for x in read(row))) or empty
    )


def to_list(model: str, text: str, **query: Any) -> SafeString:
    """Link to a filtered list, such as `posts_post`."""
    url = f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"
    return format_html('<a class="dovecote-link" href="{}">{}</a>', url, text)
