"""The pages of files, with their thumbnails.

The original is never served here. What a customer uploads may be a page that a browser would run
with the operator's session; a thumbnail is a JPEG that we drew.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import Http404, HttpResponseBase, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from destinations.admin.base import BoundedAdmin, ReadOnlyInline
from destinations.admin.lists import columns, dates, filters
from destinations.admin.lists.columns import Column
from destinations.admin.search import searches
from destinations.admin.search.searches import Result, SearchByNames
from platforms.limits import Form
from platforms.policy import media_checks
from posts import models
from posts.media.admin import facts
from posts.media.admin import facts as in_words
from posts.media.storage import Away
from posts.models import Media

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
#: A thumbnail has a tenth of this.
MOST_BYTES = 2 * 1024 * 1024
#: Bytes of a key never change. Icons are asked for again sooner: a thumbnail may follow.
THUMBNAIL_SECONDS, ICON_SECONDS = 24 * 3600, 60


def _picture(media: models.Media, *, is_small: bool = False) -> SafeString:
    return render_to_string(PREVIEW, {"media": media, "is_small": is_small})


def _broken(media: models.Media) -> str:
    times = media.broken_count
    return f"{times} times reading it ended without an answer" if times else "never"


def _size(variant: models.Variant) -> str:
    made = variant.facts.get("media")
    return f"{made['width']}x{made['height']}, {filesizeformat(made['size_bytes'])}" if made else ""


class VariantInline(ReadOnlyInline):
    """Other forms of the file, for networks that do not accept the original."""

    model = models.Variant
    ordering = ("created_at",)
    fields = ("wanted", "shown_status", "size", "tries", "error", "created_at", "made_at")
    readonly_fields = fields
    verbose_name_plural = "Other forms"

    wanted = Column("Form", lambda row: media_checks.described(Form(**row.form)))
    shown_status = columns.choice("status", VARIANT_COLOURS)
    size = Column("Size", _size)


def _age(media: models.Media) -> float:
    """Sort the newest first."""
    return -media.created_at.timestamp()


@admin.register(models.Media)
class MediaAdmin(SearchByNames, BoundedAdmin):
    search_help_text = "File name or id"
    list_display = ("picture", "filename", "shown_status", "facts", "workspace", "created_at")
    list_display_links = ("filename",)
    list_filter = (
        dates.by("created_at"),
        filters.choice("status"),
        filters.choice("kind"),
        filters.related("workspace"),
    )
    list_select_related = ("workspace",)
    walked_filters = (frozenset({"workspace__id__exact"}),)
    # Cleanup leaves few of them.
    narrow_filters = {"status__exact": ("uploading", "failed")}
    hidden = ("storage_key", "stripped_key", "thumbnail_key")
    not_listed = ("refusal", "error")
    inlines = (VariantInline,)
    sections = {
        "": (
            "large_picture",
            ("shown_status", "kind"),
            "facts",
            "error",
            ("workspace", "created_at"),
            "id",
        ),
        "Posts that use it": ("uses", "deletion"),
        "Bytes": ("storage", "metadata", "shown_broken"),
    }
    picture = Column("Preview", lambda media: _picture(media, is_small=True))
    large_picture = Column("Preview", _picture)
    shown_status = columns.choice("status", MEDIA_COLOURS)
    facts = Column("File", in_words.described)
    uses = Column("Posts", lambda media: media.shown_posts)
    deletion = Column("Can it be deleted?", lambda media: media.shown_deletion)
    storage = Column("Stored", in_words.storage)
    metadata = Column("Metadata", in_words.metadata)
    shown_broken = Column("Could not be read", _broken)

    searches = (
        searches.by_id("File"),
        searches.by_name("Files", "filename", rank=2, priority=_age),
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
            before = request.GET.get(facts.BEFORE, "")
            found.shown_posts = facts.shown(facts.uses(found, before))  # type: ignore[attr-defined]
            found.shown_deletion = facts.deletion(found)  # type: ignore[attr-defined]
        return found

    def result(self, row: models.Media) -> Result:
        about = row.kind, filesizeformat(row.size_bytes), row.workspace.name
        return searches.result(row, row.filename, *about, status=self.shown_status(row))

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
        return _serve(request, media)


def _serve(request: HttpRequest, media: Media) -> HttpResponseBase:
    """The thumbnail as a JPEG; without one a redirect to an icon; 404 while the storage is away."""
    try:
        content = _thumbnail(media)
    except Away:
        return HttpResponseNotFound("The storage of files does not answer.")
    if content is None:
        answer: HttpResponseBase = HttpResponseRedirect(static(icon(media)))
    else:
        answer = HttpResponse(content, content_type="image/jpeg")
        answer["Content-Disposition"] = f'inline; filename="{media.pk}.jpg"'
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = f"private, max-age={THUMBNAIL_SECONDS if content else ICON_SECONDS}"
    return answer


def icon(media: Media) -> str:
    """The static file that stands for a file of this kind."""
    return f"dovecote/file-{media.kind or 'document'}.svg"


def _thumbnail(media: Media) -> bytes | None:
    if not media.thumbnail_key:
        return None
    try:
        with default_storage.open(media.thumbnail_key) as file:
            content: bytes = file.read(MOST_BYTES)
            return content
    except FileNotFoundError:
        return None
