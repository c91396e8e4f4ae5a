"""What a file looks like: its thumbnail, or an icon of its kind.

The original is never served here. What a customer uploads may be a page that a browser would run
with the operator's session; a thumbnail is a JPEG that we drew.
"""

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.templatetags.static import static

from posts.media.storage import Away
from posts.models import Media

#: A thumbnail has a tenth of this.
MOST_BYTES = 2 * 1024 * 1024
#: Bytes of a key never change. Icons are asked for again sooner: a thumbnail may follow.
THUMBNAIL_SECONDS, ICON_SECONDS = 24 * 3600, 60


def serve(request: HttpRequest, media: Media) -> HttpResponseBase:
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
