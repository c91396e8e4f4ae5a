"""The filters of the log. Each value is one of a list, so no address asks for more."""

from typing import get_args

from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from posts.errors import Code
from posts.features.request_log.models import ApiRequest

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS")
#: The first and the last status of each choice.
STATUSES = {
    "2xx": ("Answered (2xx)", 200, 299),
    "4xx": ("Refused (4xx)", 400, 499),
    "401": ("Key refused (401)", 401, 401),
    "429": ("Over its limit (429)", 429, 429),
    "5xx": ("Failed here (5xx)", 500, 599),
}
#: From this status on, requests have an index.
REFUSED = 400
Choices = list[tuple[str, str]]


class StatusFilter(DropdownFilter):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [(name, words) for name, (words, _, _) in STATUSES.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ApiRequest]
    ) -> QuerySet[ApiRequest]:
        if self.value() not in STATUSES:
            return queryset
        _, first, last = STATUSES[str(self.value())]
        return queryset.filter(status__gte=first, status__lte=last)

    def walked(self, request: HttpRequest, rows: QuerySet[ApiRequest]) -> QuerySet[ApiRequest]:
        _, first, _ = STATUSES.get(str(self.value()), ("", 0, 0))
        return rows.filter(status__gte=REFUSED) if first >= REFUSED else rows


class MethodFilter(DropdownFilter):
    title = "method"
    parameter_name = "method"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [(name, name) for name in METHODS]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ApiRequest]
    ) -> QuerySet[ApiRequest]:
        return queryset.filter(method=self.value()) if self.value() in METHODS else queryset


class CodeFilter(DropdownFilter):
    title = "error code"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> Choices:
        return [(code, code) for code in sorted(get_args(Code))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ApiRequest]
    ) -> QuerySet[ApiRequest]:
        if self.value() not in get_args(Code):
            return queryset
        return self.walked(request, queryset).filter(error_code=self.value())

    def walked(self, request: HttpRequest, rows: QuerySet[ApiRequest]) -> QuerySet[ApiRequest]:
        return rows.filter(status__gte=REFUSED)
