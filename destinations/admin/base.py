from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline

from destinations.admin import rendering
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.changelist import DeclaredFilters


def page(
    admin: DjangoModelAdmin, request: HttpRequest, template: str, title: str, **context: Any
) -> TemplateResponse:
    """A page of its own in the admin, beside the lists and rows of this model."""
    context |= {**admin.admin_site.each_context(request), "opts": admin.opts, "title": title}
    return TemplateResponse(request, template, context)


def author(request: HttpRequest) -> dict[str, Any]:
    """The operator and the request, as events and connections record them."""
    return {"by": f"operator:{request.user}", "request_id": getattr(request, "request_id", "")}


class _ReadOnly:
    """No adding, changing or deleting: rows are evidence, or change through actions only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(_ReadOnly, DeclaredFilters, ModelAdmin):
    """Shows rows; `hidden` columns are neither rendered nor loaded.

    Actions change rows, so they ask for the permission `operate`: the right to change the model,
    not only to look at it.
    """

    #: The fields of a row's page, by the headings above them; "" has none.
    sections: Mapping[str, Sequence[Any]] = {}

    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    # Each facet would count the whole table.
    show_facets = ShowFacets.NEVER
    hidden: tuple[str, ...] = ()
    #: Rows that are read with each row.
    list_select_related: tuple[str, ...] = ()
    #: Large columns that lists do not load.
    not_listed: tuple[str, ...] = ()

    @property
    def fieldsets(self) -> Any:
        return [(title or None, {"fields": fields}) for title, fields in self.sections.items()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = super().get_queryset(request)
        if self.list_select_related:
            rows = rows.select_related(*self.list_select_related)
        return rows.defer(*self.hidden, *self.not_listed)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Everything the page shows, so there is no form to submit."""
        columns = [f.name for f in self.model._meta.fields if f.name not in self.hidden]
        shown = flatten_fieldsets(self.fieldsets) if self.fieldsets else columns
        return [self._with_age(each) for each in shown]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """As declared, with the age beside each time."""
        shown = self.get_readonly_fields(request, obj)

        def line(declared: Any) -> Any:
            if isinstance(declared, list | tuple):
                return [line(each) for each in declared]
            aged = self._with_age(declared)
            return aged if aged in shown else declared

        return [
            (title, {**options, "fields": line(options["fields"])})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def _with_age(self, name: Any) -> Any:
        """Return what shows a column's time and its age; the name itself for anything else."""
        try:
            column = self.opts.get_field(name)
        except FieldDoesNotExist:
            return name
        if not isinstance(column, DateTimeField):
            return name
        return rendering.moment(name, str(capfirst(column.verbose_name)))

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.hidden

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        shown = self.row_context(request, object_id or "")
        context = {"can_operate": self.has_operate_permission(request), **shown}
        context |= extra_context or {}
        return super().changeform_view(request, object_id, form_url, context)

    def row_context(self, request: HttpRequest, key: str) -> dict[str, Any]:
        """Return what the templates of a row's page need beside it. There may be no such row."""
        return {}

    def has_operate_permission(self, request: HttpRequest) -> bool:
        options = self.opts
        return request.user.has_perm(f"{options.app_label}.change_{options.model_name}")


class BoundedAdmin(BoundedList, ReadOnlyAdmin):
    """Shows rows of a table that may become large."""


class ReadOnlyInline(_ReadOnly, TabularInline):
    extra = 0
    can_delete = False
    show_title = False
    # Unfold 0.91, the newest for Python 3.11, has another name for it, which later ones deprecate.
    if not hasattr(TabularInline, "show_title"):
        hide_title = True
