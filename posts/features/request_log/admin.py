"""The log of API requests: its filters, whose values are those of a list, and its pages."""

from collections.abc import Mapping
from typing import get_args

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from destinations.admin import rendering
from destinations.admin.base import BoundedAdmin
from destinations.admin.lists import columns, dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.lists.filters import QueryFilter
from destinations.admin.lists.ordering import Key
from destinations.admin.search import searches
from destinations.admin.search.searches import Matches, Result, Search, Searched
from destinations.admin.search.term import Term
from posts.errors import Code
from posts.features.request_log.models import ApiRequest

#: The colours of the kinds of status, by their first digit.
COLOURS = {"2": "success", "3": "info", "4": "warning", "5": "danger"}
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


def _status(request: ApiRequest) -> SafeString | str:
    code = str(request.status)
    return rendering.label(code, {code: COLOURS.get(code[0], "")})


def _key(request: ApiRequest) -> SafeString | str:
    """Link to the key while it exists; of an unknown one say what may be shown of it."""
    if request.api_key:
        text = f"{request.api_key.name} ({request.key_prefix}…)"
        return rendering.inside("posts_apikey", request.api_key.pk, text)
    return f"{request.key_prefix}… (unknown)" if request.key_prefix else "none"


def _id(request: ApiRequest) -> SafeString:
    """Show the id, and a link to everything that the request made."""
    url = f"{reverse('admin:search')}?q={request.request_id}"
    return format_html(
        '{} <a class="dovecote-link" href="{}">What it made or changed</a>', request.request_id, url
    )


def _by_id(rows: QuerySet[ApiRequest], term: Term, limit: int) -> Matches:
    """Newest first: a caller may send the same id again."""
    return searches.best(rows.filter(request_id=term.request_id), limit, lambda row: -row.pk)


@admin.register(ApiRequest)
class ApiRequestAdmin(Searched, BoundedAdmin):
    list_display = (
        "shown_at",
        "shown_request",
        "shown_status",
        "error_code",
        "shown_duration",
        "shown_key",
        "workspace",
    )
    list_filter = (
        dates.by("at", grows_with_pk=True),
        filters.related("api_key"),
        filters.related("workspace"),
        StatusFilter,
        MethodFilter,
        CodeFilter,
    )
    key = Key("pk")
    walked_filters = (
        frozenset({"api_key__id__exact"}),
        frozenset({"workspace__id__exact"}),
        frozenset({"code"}),
        frozenset({"status"}),
    )
    list_select_related = ("workspace", "api_key")
    not_listed = ("api_key__digest",)
    search_fields = ("request_id",)
    searches = (Search("API requests", lambda term: bool(term.request_id), _by_id),)
    search_help_text = "Request id: req_…, as in the answer's header X-Request-Id"
    sections = {
        "": (
            "shown_request",
            ("shown_status", "error_code"),
            ("shown_at", "shown_duration"),
            ("shown_key", "shown_workspace"),
            ("route", "shown_id"),
        ),
    }
    shown_at = Column("Arrived (UTC)", lambda request: f"{request.at:%Y-%m-%d %H:%M:%S}")
    shown_request = Column(
        "Request",
        lambda request: format_html("<code>{} {}</code>", request.method, request.path),
    )
    shown_status = Column("Status", _status)
    shown_duration = Column("Duration", lambda request: f"{request.duration_ms:,.1f} ms")
    shown_key = Column("Key", _key)
    shown_workspace = columns.row("Workspace", "posts_workspace", lambda row: row.workspace, "none")
    shown_id = Column("Request id", _id)

    class Media:
        css = {"all": ("dovecote/requests.css",)}

    def result(self, row: ApiRequest) -> Result:
        about = row.error_code, row.key_prefix, row.workspace.name if row.workspace else ""
        text, status = f"{row.method} {row.path}", self.shown_status(row)
        return searches.result(row, row.request_id, *about, text=text, status=status, at=row.at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiRequest], search_term: str
    ) -> tuple[QuerySet[ApiRequest], bool]:
        """Exactly this id: parts of it would read the whole log."""
        wanted = search_term.strip()
        return (queryset.filter(request_id=wanted) if wanted else queryset), False
