from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.pauses import end, formatting, new
from destinations.models import Pause
from destinations.pauses import held_counts

STATES = {"Paused": "danger", "Resumed": "success"}


class PauseStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("active", "Paused now"), ("ended", "Resumed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Pause]) -> QuerySet[Pause]:
        chosen = {"active": Q(resumed_at=None), "ended": Q(resumed_at__isnull=False)}
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Pause)
class PauseAdmin(ReadOnlyAdmin):
    """Those in force first. The history of pauses is evidence, and never changes."""

    list_display = ("shown_name", "state", "waiting", "since", "until", "reason")
    list_filter = (PauseStateFilter, "scope")
    search_fields = ("name", "reason")
    ordering = (F("resumed_at").desc(nulls_first=True), "-pk")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "scope", "state"),
                    ("since", "until", "waiting"),
                    "reason",
                    "notice",
                )
            },
        ),
    )
    actions_list = ("pause",)
    change_form_outer_before_template = "destinations/admin/pauses/buttons.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "scope", "state", "since", "until", "waiting", "reason", "notice"]

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "<int:pk>/resume/",
                self.admin_site.admin_view(self.resume),
                name="destinations_pause_resume",
            ),
            *super().get_urls(),
        ]

    @action(description="Pause…", url_path="new", permissions=["operate"])
    def pause(self, request: HttpRequest) -> HttpResponse:
        return new.show(self, request)

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        return end.show(self, request, pk)

    @display(description="What", ordering="name")
    def shown_name(self, pause: Pause) -> str:
        return formatting.capital(pause.name)

    @display(description="State")
    def state(self, pause: Pause) -> SafeString | str:
        return rendering.label("Resumed" if pause.resumed_at else "Paused", STATES)

    @display(description="Posts that wait")
    def waiting(self, pause: Pause) -> str:
        return "" if pause.resumed_at else formatting.at_least(held_counts.due(pause))

    @display(description="Since", ordering="paused_at")
    def since(self, pause: Pause) -> str:
        return formatting.when(pause.paused_at, pause.paused_by)

    @display(description="Until", ordering="resumed_at")
    def until(self, pause: Pause) -> str:
        return formatting.when(pause.resumed_at, pause.resumed_by) if pause.resumed_at else ""
