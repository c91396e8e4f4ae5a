from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists import dates
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from posts.features.request_log.admin.filters import CodeFilter, MethodFilter, StatusFilter
from posts.features.request_log.models import ApiRequest

#: The colours of the kinds of status, by their first digit.
COLOURS = {"2": "success", "3": "info", "4": "warning", "5": "danger"}


@admin.register(ApiRequest)
class ApiRequestAdmin(BoundedList, ReadOnlyAdmin):
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
        ("api_key", AutocompleteSelectFilter),
        ("workspace", AutocompleteSelectFilter),
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
    search_help_text = "Request id: req_…, as in the answer's header X-Request-Id"
    ordering = key.order
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "shown_request",
                    ("shown_status", "error_code"),
                    ("shown_at", "shown_duration"),
                    ("shown_key", "shown_workspace"),
                    ("route", "shown_id"),
                )
            },
        ),
    )

    class Media:
        css = {"all": ("dovecote/requests.css",)}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ApiRequest], search_term: str
    ) -> tuple[QuerySet[ApiRequest], bool]:
        """Exactly this id: parts of it would read the whole log."""
        wanted = search_term.strip()
        return (queryset.filter(request_id=wanted) if wanted else queryset), False

    @display(description="Arrived (UTC)")
    def shown_at(self, request: ApiRequest) -> str:
        return f"{request.at:%Y-%m-%d %H:%M:%S}"

    @display(description="Request")
    def shown_request(self, request: ApiRequest) -> SafeString:
        return format_html("<code>{} {}</code>", request.method, request.path)

    @display(description="Status")
    def shown_status(self, request: ApiRequest) -> SafeString | str:
        code = str(request.status)
        return rendering.label(code, {code: COLOURS.get(code[0], "")})

    @display(description="Duration")
    def shown_duration(self, request: ApiRequest) -> str:
        return f"{request.duration_ms:,.1f} ms"

    @display(description="Key")
    def shown_key(self, request: ApiRequest) -> SafeString | str:
        """A link while the key exists; of an unknown one what may be shown of it."""
        if request.api_key:
            text = f"{request.api_key.name} ({request.key_prefix}…)"
            return rendering.inside("posts_apikey", request.api_key.pk, text)
        return f"{request.key_prefix}… (unknown)" if request.key_prefix else "none"

    @display(description="Workspace")
    def shown_workspace(self, request: ApiRequest) -> SafeString | str:
        if not request.workspace:
            return "none"
        return rendering.inside("posts_workspace", request.workspace.pk, request.workspace.name)

    @display(description="Request id")
    def shown_id(self, request: ApiRequest) -> SafeString:
        """With everything that the request made."""
        url = f"{reverse('admin:search')}?q={request.request_id}"
        return format_html(
            '{} <a class="dovecote-link" href="{}">What it made or changed</a>',
            request.request_id,
            url,
        )
