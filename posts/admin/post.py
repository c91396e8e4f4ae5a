import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from destinations import public_ids
from destinations.admin import confirmation, rendering
from destinations.admin import retry as admin_retry
from destinations.admin.base import ReadOnlyAdmin, ReadOnlyInline, SearchByPublicId
from destinations.models import Destination
from platforms import media_checks
from platforms.limits import Form
from posts.models import Media, Post, PostMedia, Variant

#: The colours of Post.Status.
COLOURS = {
    "Draft": "",
    "Scheduled": "info",
    "Publishing": "primary",
    "Published": "success",
    "Partial": "warning",
    "Failed": "danger",
}
#: The colours of Media.Status.
MEDIA_COLOURS = {"Uploading": "info", "Ready": "success", "Failed": "danger"}
#: The colours of Variant.Status.
VARIANT_COLOURS = {
    "Waiting": "info",
    "Making": "primary",
    "Ready": "success",
    "Failed": "danger",
}


class DestinationInline(ReadOnlyInline):
    model = Destination
    ordering = ("position",)
    fields = (
        "page",
        "platform",
        "account_name",
        "shown_status",
        "attempts",
        "due_at",
        "error",
        "public_link",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        rows: QuerySet[Destination] = super().get_queryset(request)
        return rows.defer("checkpoint", "draft")

    @display(description="Destination")
    def page(self, destination: Destination) -> SafeString:
        return rendering.inside("destinations_destination", destination.pk, destination.public_id)

    @display(description="Status")
    def shown_status(self, destination: Destination) -> SafeString | str:
        return rendering.status(destination)

    @display(description="Public post")
    def public_link(self, destination: Destination) -> SafeString | str:
        return rendering.outside(destination.platform_post_url, "Open")


@admin.register(Post)
class PostAdmin(SearchByPublicId, ReadOnlyAdmin):
    list_display = (
        "public_id",
        "shown_status",
        "beginning",
        "workspace",
        "scheduled_for",
        "created_at",
    )
    list_filter = (("status", ChoicesDropdownFilter), ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace",)
    public_id_prefix = public_ids.POST
    search_help_text = "Post id: post_… or a UUID"
    ordering = ("-created_at",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("shown_status", "public_id"),
                    ("workspace", "timezone"),
                    ("scheduled_for", "created_at"),
                    "updated_at",
                )
            },
        ),
        (
            "What the customer wrote",
            {"fields": ("shown_content", "shown_media", "shown_platform_content")},
        ),
    )
    inlines = (DestinationInline,)
    actions = ("retry",)
    change_form_outer_before_template = "posts/admin/retry_button.html"

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """The action changes destinations."""
        return request.user.has_perm("destinations.change_destination")

    @admin.action(description="Retry their failed destinations", permissions=["operate"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Post]) -> HttpResponse | None:
        failed = Destination.objects.filter(post__in=chosen, status=Destination.Status.FAILED)
        admin_retry.retry(self, request, failed.values_list("pk", flat=True))
        return confirmation.back(self, request)

    @display(description="Status", ordering="status")
    def shown_status(self, post: Post) -> SafeString | str:
        return rendering.label(post.get_status_display(), COLOURS)

    @display(description="Content")
    def beginning(self, post: Post) -> str:
        return Truncator(post.content).chars(70)

    @display(description="Content")
    def shown_content(self, post: Post) -> SafeString:
        return format_html('<div class="dovecote-text">{}</div>', post.content or "(no text)")

    @display(description="Media")
    def shown_media(self, post: Post) -> SafeString:
        attached = PostMedia.objects.filter(post=post).select_related("media")
        return render_to_string("posts/admin/media.html", {"attached": attached})

    @display(description="Per platform")
    def shown_platform_content(self, post: Post) -> SafeString | str:
        if not post.platform_content:
            return "(nothing)"
        said = json.dumps(post.platform_content, ensure_ascii=False, indent=2)
        return format_html('<div class="dovecote-text">{}</div>', said)


class VariantInline(ReadOnlyInline):
    """Other forms of the file, for networks that do not accept the original."""

    model = Variant
    ordering = ("created_at",)
    fields = ("wanted", "shown_status", "size", "tries", "error", "created_at", "made_at")
    readonly_fields = fields
    verbose_name_plural = "Other forms"

    @display(description="Form")
    def wanted(self, variant: Variant) -> str:
        return media_checks.described(Form(**variant.form))

    @display(description="Status")
    def shown_status(self, variant: Variant) -> SafeString | str:
        return rendering.label(variant.get_status_display(), VARIANT_COLOURS)

    @display(description="Size")
    def size(self, variant: Variant) -> str:
        made = variant.facts.get("media")
        if not made:
            return ""
        return f"{made['width']}x{made['height']}, {filesizeformat(made['size_bytes'])}"


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin):
    list_display = ("filename", "kind", "shown_status", "size", "workspace", "created_at")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("workspace", AutocompleteSelectFilter),
    )
    list_select_related = ("workspace",)
    ordering = ("-created_at",)
    hidden = ("storage_key", "stripped_key", "thumbnail_key")
    inlines = (VariantInline,)

    @display(description="Status", ordering="status")
    def shown_status(self, media: Media) -> SafeString | str:
        return rendering.label(media.get_status_display(), MEDIA_COLOURS)

    @display(description="Size", ordering="size_bytes")
    def size(self, media: Media) -> str:
        return filesizeformat(media.size_bytes)
