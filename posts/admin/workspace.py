from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from destinations.admin.changelist import DeclaredFilters
from posts.composing import deadline
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
        "keep_metadata",
        "id",
        "created_at",
    )
    readonly_fields = ("id", "created_at")
    show_full_result_count = False

    def save_model(
        self, request: HttpRequest, obj: Workspace, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if "missed_after_minutes" in form.changed_data:
            count = deadline.apply(obj)
            messages.info(request, f"The new rule applies to scheduled destinations: {count}.")

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        """Deleting a tenant would delete all its posts, so it takes more than a click."""
        return False
