from typing import Any

from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.contrib.admin import ShowFacets
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin, TabularInline

from destinations import public_ids
from destinations.admin.changelist import DeclaredFilters


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

    Actions change rows, so they ask for `permissions=["operate"]`: the right to change the model,
    not only to look at it.
    """

    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True
    # Each facet would count the whole table.
    show_facets = ShowFacets.NEVER
    hidden: tuple[str, ...] = ()
    #: Large columns that lists do not load.
    not_listed: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = super().get_queryset(request)
        return rows.defer(*self.hidden, *self.not_listed)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything the page shows, so there is no form to submit."""
        shown = [
            name
            for _, options in self.fieldsets or ()
            for line in options["fields"]
            for name in ([line] if isinstance(line, str) else line)
        ]
        columns = [f.name for f in self.model._meta.fields if f.name not in self.hidden]
        return shown or columns

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.hidden

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"can_operate": self.has_operate_permission(request), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        options = self.opts
        return request.user.has_perm(f"{options.app_label}.change_{options.model_name}")


class SearchByPublicId:
    """A list whose search box accepts public ids."""

    search_fields = ("id",)
    public_id_prefix: str

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        key = public_ids.decode(self.public_id_prefix, search_term.strip())
        return (queryset.filter(pk=key) if key else queryset.none()), False


class ReadOnlyInline(_ReadOnly, TabularInline):
    extra = 0
    can_delete = False
    show_title = False
    # Unfold 0.91, the newest for Python 3.11, has another name for it, which later ones deprecate.
    if not hasattr(TabularInline, "show_title"):
        hide_title = True
