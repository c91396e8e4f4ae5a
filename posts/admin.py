"""What operators see of workspaces and posts. Keys are made and revoked, posts tried again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from destinations import public_ids
from destinations.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from destinations.models import Destination
from posts.models import ApiKey, Media, Post, Workspace


@admin.register(Workspace)
class WorkspaceAdmin(ModelAdmin):
    list_display = ("name", "id", "created_at")
    search_fields = ("name",)
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Workspace | None = None) -> bool:
        """Deleting a tenant takes every post with it: not by a click."""
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "prefix", "workspace", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("workspace",)
    list_select_related = ("workspace",)
    exclude = ("digest",)


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin):
    list_display = ("filename", "kind", "status", "size_bytes", "workspace", "created_at")
    list_filter = ("status", "kind", "workspace")
    list_select_related = ("workspace",)


class DestinationInline(ReadOnlyInline):
    model = Destination
    ordering = ("position",)
    fields = ("platform", "account_name", "status", "attempts", "due_at", "error")
    readonly_fields = fields


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "status", "workspace", "scheduled_for", "updated_at")
    list_filter = ("status", "workspace")
    list_select_related = ("workspace",)
    search_fields = ("id",)
    search_help_text = "The id of a post: post_… or its UUID"
    ordering = ("-created_at",)
    inlines = (DestinationInline,)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Post], search_term: str
    ) -> tuple[QuerySet[Post], bool]:
        if not search_term:
            return queryset, False
        key = public_ids.decode(public_ids.POST, search_term.strip())
        return (queryset.filter(pk=key) if key else queryset.none()), False
