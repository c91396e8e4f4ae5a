from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import Http404, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from destinations.admin import rendering
from destinations.admin.base import ReadOnlyAdmin, ReadOnlyInline, SearchByNames
from destinations.admin.lists import dates
from destinations.admin.lists.bounded import BoundedList
from destinations.admin.lists.ordering import Key
from platforms.limits import Form
from platforms.policy import media_checks
from posts import models
from posts.media.admin import facts, preview, usage

PREVIEW = "posts/admin/media/preview.html"
#: The colours of Media.Status.
MEDIA_COLOURS = {"Uploading": "info", "Ready": "success", "Failed": "danger"}
#: The colours of Variant.Status.
VARIANT_COLOURS = {
    "Waiting": "info",
    "Making": "primary",
    "Ready": "success",
    "Failed": "danger",
}


class VariantInline(ReadOnlyInline):
    """Other forms of the file, for networks that do not accept the original."""

    model = models.Variant
    ordering = ("created_at",)
    fields = ("wanted", "shown_status", "size", "tries", "error", "created_at", "made_at")
    readonly_fields = fields
    verbose_name_plural = "Other forms"

    @display(description="Form")
    def wanted(self, variant: models.Variant) -> str:
        return media_checks.described(Form(**variant.form))

    @display(description="Status")
    def shown_status(self, variant: models.Variant) -> SafeString | str:
        return rendering.label(variant.get_status_display(), VARIANT_COLOURS)

    @display(description="Size")
    def size(self, variant: models.Variant) -> str:
        made = variant.facts.get("media")
        if not made:
            return ""
        return f"{made['width']}x{made['height']}, {filesizeformat(made['size_bytes'])}"


@admin.register(models.Media)
class MediaAdmin(BoundedList, SearchByNames, ReadOnlyAdmin):
    search_help_text = "File name or id"
    list_display = ("picture", "filename", "shown_status", "facts", "workspace", "created_at")
    list_display_links = ("filename",)
    list_filter = (
        dates.by("created_at"),
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("workspace", AutocompleteSelectFilter),
    )
    list_select_related = ("workspace",)
    key = Key("created_at")
    ordering = key.order
    walked_filters = (frozenset({"workspace__id__exact"}),)
    # Cleanup leaves few of them.
    narrow_filters = {"status__exact": ("uploading", "failed")}
    hidden = ("storage_key", "stripped_key", "thumbnail_key")
    not_listed = ("refusal", "error")
    inlines = (VariantInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "large_picture",
                    ("shown_status", "kind"),
                    "facts",
                    "error",
                    ("workspace", "created_at"),
                    "id",
                )
            },
        ),
        ("Posts that use it", {"fields": ("uses", "deletion")}),
        ("Bytes", {"fields": ("storage", "metadata", "shown_broken")}),
    )

    class Media:
        css = {"all": ("dovecote/requests.css",)}

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> models.Media | None:
        """With the page of its posts that the address names, and those that need it.

        The theme reads a field several times; they are asked for once.
        """
        found: models.Media | None = super().get_object(request, object_id, from_field)
        if found is not None:
            before = request.GET.get(usage.BEFORE, "")
            found.shown_posts = usage.shown(usage.uses(found, before))  # type: ignore[attr-defined]
            found.shown_deletion = usage.deletion(found)  # type: ignore[attr-defined]
        return found

    @display(description="Preview")
    def picture(self, media: models.Media) -> SafeString:
        return render_to_string(PREVIEW, {"media": media, "is_small": True})

    @display(description="Preview")
    def large_picture(self, media: models.Media) -> SafeString:
        return render_to_string(PREVIEW, {"media": media})

    @display(description="Status")
    def shown_status(self, media: models.Media) -> SafeString | str:
        return rendering.label(media.get_status_display(), MEDIA_COLOURS)

    @display(description="File")
    def facts(self, media: models.Media) -> str:
        return facts.described(media)

    @display(description="Posts")
    def uses(self, media: models.Media) -> SafeString:
        return media.shown_posts  # type: ignore[attr-defined, no-any-return]

    @display(description="Can it be deleted?")
    def deletion(self, media: models.Media) -> SafeString:
        return media.shown_deletion  # type: ignore[attr-defined, no-any-return]

    @display(description="Stored")
    def storage(self, media: models.Media) -> str:
        return facts.storage(media)

    @display(description="Metadata")
    def metadata(self, media: models.Media) -> str:
        return facts.metadata(media)

    @display(description="Could not be read")
    def shown_broken(self, media: models.Media) -> str:
        times = media.broken_count
        return f"{times} times reading it ended without an answer" if times else "never"

    def get_urls(self) -> list[URLPattern]:
        # Cacheable: a page of posts shows dozens of previews.
        view = self.admin_site.admin_view(self.preview, cacheable=True)
        return [
            path("<uuid:media_id>/preview/", view, name="posts_media_preview"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest, media_id: Any) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        media = models.Media.objects.filter(pk=media_id).only("kind", "thumbnail_key").first()
        if media is None:
            raise Http404
        return preview.serve(request, media)
