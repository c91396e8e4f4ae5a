from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.decorators import display

from destinations import pauses
from destinations.admin.changelist import DeclaredFilters
from destinations.admin.pauses import formatting
from destinations.models import Pause
from posts.composing import destinations
from posts.keys import page_links
from posts.models import Workspace


@admin.register(Workspace)
class WorkspaceAdmin(DeclaredFilters, ModelAdmin):
    list_display = ("name", "id", "created_at")
    search_fields = ("name",)
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
    change_form_outer_before_template = "destinations/admin/pauses/button.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        own = {"installation:", f"workspace:{object_id}"}
        pause = next((each for each in pauses.active() if each.key in own), None)
        shown = (
            formatting.of_page(request, Pause.Scope.WORKSPACE, object_id, pause)
            if object_id
            else {}
        )
        return super().changeform_view(
            request, object_id, form_url, {**shown, **(extra_context or {})}
        )

    @display(description="Defaults of posts")
    def defaults(self, workspace: Workspace) -> str:
        """Customers change them, through the API."""
        found = workspace.post_defaults
        tags = " ".join(f"#{tag}" for tag in found.get("hashtags", ()))
        comment = found.get("first_comment", "")
        parts = (tags, comment and f"First comment: {comment}")
        return " · ".join(filter(None, parts)) or "none"

    @display(description="Log")
    def requests(self, workspace: Workspace) -> SafeString | str:
        """Nothing on the page of one that is not made yet."""
        return page_links.of_workspace(workspace) if workspace.created_at else "-"

    def save_model(
        self, request: HttpRequest, obj: Workspace, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if "missed_after_minutes" in form.changed_data:
            count = destinations.apply_deadline(obj)
            messages.info(request, f"The new rule applies to scheduled destinations: {count}.")

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        """Deleting a tenant would delete all its posts, so it takes more than a click."""
        return False
