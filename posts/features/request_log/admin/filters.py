"""The filters of the log. Each value is one of a list, so no address asks for more."""

from collections.abc import Mapping
from typing import get_args

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from destinations.admin.filters import QueryFilter
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


class StatusFilter(QueryFilter):
    title = parameter_name = "status"
    labels = {name: words for name, (words, _, _) in STATUSES.items()}

    def queries(self) -> Mapping[str, Q]:
        return {name: Q(status__range=bounds) for name, (_, *bounds) in STATUSES.items()}

    def walked(self, request: HttpRequest, rows: QuerySet[ApiRequest]) -> QuerySet[ApiRequest]:
        _, first, _ = STATUSES.get(str(self.value()), ("", 0, 0))
        return rows.filter(status__gte=REFUSED) if first >= REFUSED else rows


class MethodFilter(QueryFilter):
    title = parameter_name = "method"
    labels = {name: name for name in METHODS}

    def queries(self) -> Mapping[str, Q]:
        return {name: Q(method=name) for name in METHODS}


class CodeFilter(QueryFilter):
    title, parameter_name = "error code", "code"
    labels = {code: code for code in sorted(get_args(Code))}

    def queries(self) -> Mapping[str, Q]:
        return {code: Q(status__gte=REFUSED, error_code=code) for code in self.labels}

    def walked(self, request: HttpRequest, rows: QuerySet[ApiRequest]) -> QuerySet[ApiRequest]:
        return rows.filter(status__gte=REFUSED)
