from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from posts.models import Workspace


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin):
    list_display = ("name", "id", "created_at")
    search_fields = ("name",)
    ordering = ("name", "pk")
    fields = ("name", "storage_quota_bytes", "id", "created_at")
    readonly_fields = ("id", "created_at")
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        """Deleting a tenant takes every post with it: not by a click."""
        return False
