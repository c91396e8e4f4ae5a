"""The change list of a large table, and the mixin of an admin that has one."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest

from destinations.admin.lists import pages
from destinations.admin.lists.changelist import DeclaredChangeList
from destinations.admin.lists.dates import DateFilter
from destinations.admin.lists.ordering import Key

#: The parameter that holds the place after which the page begins.
AFTER = "after"


class Chip(NamedTuple):
    """An active filter of a list, and the address of the list without it."""

    label: str
    value: str
    without: str


def _chips(changelist: Any) -> Iterator[Chip]:
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


class BoundedChangeList(DeclaredChangeList):
    def get_filters(self, request: HttpRequest) -> Any:
        """As declared. None of our filters finds a row twice, so nothing must be made distinct."""
        specs, has, left, _, is_active = super().get_filters(request)
        return specs, has, left, False, is_active

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[str]:
        """Always the list's own: no other order has an index."""
        return list(self.model_admin.key.order)

    def get_ordering_field_columns(self) -> dict[int, str]:
        return {}

    def get_results(self, request: HttpRequest) -> None:
        place = getattr(request, "dovecote_place", "")
        self.page_is_later = bool(place)
        try:
            wanted = self._wanted(request)
            self.page = wanted.page(place)
        except ValueError as wrong:
            raise IncorrectLookupParameters(wrong) from wrong
        self.result_list = self.page.rows
        self.depth = f"{wanted.depth:,}"
        # What actions offer to choose is what is shown; the page itself says how many there are.
        self.result_count = self.full_result_count = len(self.page.rows)
        self.show_full_result_count = False
        self.show_admin_actions, self.can_show_all, self.multi_page = True, False, False
        self.paginator = self.model_admin.get_paginator(request, self.page.rows, self.list_per_page)

    def _wanted(self, request: HttpRequest) -> pages.PageRequest:
        admin, root = self.model_admin, self.root_queryset
        used = {name for spec in self.filter_specs for name in _used(spec)}
        served: frozenset[str] = next(
            (names for names in admin.walked_filters if names <= used), frozenset()
        )
        walked = root
        narrow: list[QuerySet] = []
        for spec in self.filter_specs:
            if _names(spec) & (served | {"when"}):
                found = getattr(spec, "walked", spec.queryset)(request, walked)
                walked = walked if found is None else found
            elif admin.is_narrow(spec):
                narrow.append(_keys(spec, request, root))
        if self.query:
            # Named by their keys already.
            narrow.insert(0, self.queryset.values_list("pk"))
        is_costly = any(_used(spec) for spec in self.filter_specs if hasattr(spec, "costly"))
        depth = pages.DEPTH // 4 if is_costly else pages.DEPTH
        key = Key(admin.key.column) if served else admin.key
        return pages.PageRequest(self.queryset, walked, narrow, key, self.list_per_page, depth)

    def chips(self) -> list[Any]:
        return list(_chips(self))

    @property
    def newest(self) -> str:
        return str(self.get_query_string())

    @property
    def older(self) -> str:
        return str(self.get_query_string({AFTER: self.page.next}))

    @property
    def is_cut(self) -> bool:
        """Return whether filters apply to less than the whole list."""
        return self.page.is_more and (self.has_active_filters or bool(self.query))

    @property
    def reached(self) -> str:
        """Return how far the page looked: a time, or an id."""
        last = self.page.reached
        return f"{last:%Y-%m-%d %H:%M} UTC" if isinstance(last, datetime) else f"number {last}"

    @property
    def count(self) -> str:
        """`3`, `10,000+`."""
        return f"{self.page.count:,}{'+' if self.page.is_more else ''}"


def _names(spec: Any) -> set[str]:
    return set(spec.expected_parameters())


def _used(spec: Any) -> set[str]:
    """The parameters of the filter that select something; forms send empty ones too."""
    return {name for name, value in spec.used_parameters.items() if value not in (None, "", [""])}


def _keys(spec: Any, request: HttpRequest, rows: QuerySet) -> QuerySet:
    """The primary keys of what a filter selects, as its index finds them."""
    if hasattr(spec, "keys"):
        found: QuerySet = spec.keys(request, rows)
        return found
    selected: QuerySet = spec.queryset(request, rows).values_list("pk")
    return selected


def _value(spec: Any, name: str) -> Any:
    value = spec.used_parameters[name]
    return value[-1] if isinstance(value, list) else value


class BoundedList:
    """A list in the order of `key`, read by `pages`. Put it before the admin's other classes.

    A filter may have two methods of its own. `walked(request, rows)` gives what of the rows an
    index in the list's order finds, if the filter itself selects less. `keys(request, rows)` gives
    the primary keys of what it selects, if an index finds them in another way. `costly` says that
    it reads another table for each row; a page then looks at a quarter of the rows.
    """

    key: ClassVar[Key] = Key("created_at")
    #: Sets of filters' parameters for which there is an index in this order too; the first counts.
    walked_filters: ClassVar[tuple[frozenset[str], ...]] = ()
    #: Parameters of filters with an index of their own, and the values for which that holds.
    narrow_filters: ClassVar[Mapping[str, Collection[str] | None]] = {}
    sortable_by = ()
    change_list_template = "destinations/admin/lists/list.html"

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[BoundedChangeList]:
        return BoundedChangeList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        # Taken out of the address, so that no link and no filter's form repeats it.
        given = request.GET.copy()
        request.dovecote_place = "".join(given.pop(AFTER, [""])[-1:])  # type: ignore[attr-defined]
        request.GET = given  # type: ignore[assignment]
        return super().changelist_view(request, extra_context)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return self.key.order

    def is_narrow(self, spec: Any) -> bool:
        """Return whether an index finds what this filter selects; there may be too many still."""
        for name in _used(spec) & self.narrow_filters.keys():
            values = self.narrow_filters[name]
            if values is None or _value(spec, name) in values:
                return True
        return False
