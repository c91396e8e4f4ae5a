from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from destinations import pauses
from destinations.admin.lists.changelist import DeclaredFilters
from destinations.admin.lists.columns import Column
from destinations.admin.pauses import formatting
from destinations.admin.search import searches
from destinations.admin.search.searches import Result, Searched
from destinations.models import Pause
from platforms.registry import ADAPTERS
from posts.composing import destinations
from posts.keys import page_links
from posts.models import Workspace


def _defaults(workspace: Workspace) -> str:
    """Show what customers have set through the API."""
    found = workspace.post_defaults
    tags = " ".join(f"#{tag}" for tag in found.get("hashtags", ()))
    comment = found.get("first_comment", "")
    chosen = (
        f"{ADAPTERS[platform].name} {name}: {value}"
        for platform, options in found.get("platform_settings", {}).items()
        for name, value in options.items()
    )
    said = (tags, comment and f"First comment: {comment}", *chosen)
    return " · ".join(filter(None, said)) or "none"


@admin.register(Workspace)
class WorkspaceAdmin(Searched, DeclaredFilters, ModelAdmin):
    list_display = ("name", "id", "created_at")
    search_fields = ("name",)
    searches = (searches.by_id("Workspace"), searches.by_name("Workspaces", "name"))
    ordering = ("name", "pk")
    fields = (
        "name",
        "missed_after_minutes",
        "storage_quota_bytes",
        "ai_credits_per_month",
        "keep_metadata",
        "approval_mode",
        "defaults",
        "id",
        "created_at",
        "requests",
    )
    readonly_fields = ("defaults", "id", "created_at", "requests")
    show_full_result_count = False
    change_form_outer_before_template = "posts/admin/workspace_buttons.html"
    defaults = Column("Defaults of posts", _defaults)
    # One that is not made yet has nothing there.
    requests = Column("Log", lambda row: page_links.of_workspace(row) if row.created_at else "-")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        own = {"installation:", f"workspace:{object_id}"}
        pause = next((each for each in pauses.active() if each.key in own), None)
        scope = Pause.Scope.WORKSPACE
        shown = formatting.of_page(request, scope, object_id, pause) if object_id else {}
        context = {**shown, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def save_model(
        self, request: HttpRequest, obj: Workspace, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if "missed_after_minutes" in form.changed_data:
            count = destinations.apply_deadline(obj)
            messages.info(request, f"The new rule applies to scheduled destinations: {count}.")

    def result(self, row: Workspace) -> Result:
        return searches.result(row, row.name, str(row.pk))

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        """Deleting a tenant would delete all its posts, so it takes more than a click."""
        return False
