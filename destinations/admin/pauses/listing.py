from collections.abc import Mapping

from django.contrib import admin
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.decorators import action

from destinations.admin.base import ReadOnlyAdmin
from destinations.admin.lists import columns
from destinations.admin.lists.columns import Column
from destinations.admin.lists.filters import QueryFilter
from destinations.admin.pauses import end, formatting, new
from destinations.models import Pause
from destinations.pauses import held_counts

STATES = {"Paused": "danger", "Resumed": "success"}


class PauseStateFilter(QueryFilter):
    title = parameter_name = "state"
    labels = {"active": "Paused now", "ended": "Resumed"}

    def queries(self) -> Mapping[str, Q]:
        return {"active": Q(resumed_at=None), "ended": Q(resumed_at__isnull=False)}


def _waiting(pause: Pause) -> str:
    return "" if pause.resumed_at else formatting.at_least(held_counts.due(pause))


def _until(pause: Pause) -> str:
    return formatting.when(pause.resumed_at, pause.resumed_by) if pause.resumed_at else ""


@admin.register(Pause)
class PauseAdmin(ReadOnlyAdmin):
    """Those in force first. The history of pauses is evidence, and never changes."""

    list_display = ("shown_name", "state", "waiting", "since", "until", "reason")
    list_filter = (PauseStateFilter, "scope")
    search_fields = ("name", "reason")
    ordering = (F("resumed_at").desc(nulls_first=True), "-pk")
    sections = {
        "": (
            ("name", "scope", "state"),
            ("since", "until", "waiting"),
            "reason",
            "notice",
        ),
    }
    shown_name = Column("What", lambda pause: formatting.capital(pause.name), "name")
    state = columns.label(
        "State", lambda pause: "Resumed" if pause.resumed_at else "Paused", STATES
    )
    waiting = Column("Posts that wait", _waiting)
    since = Column(
        "Since", lambda pause: formatting.when(pause.paused_at, pause.paused_by), "paused_at"
    )
    until = Column("Until", _until, "resumed_at")
    actions_list = ("pause",)
    change_form_outer_before_template = "destinations/admin/pauses/buttons.html"

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
