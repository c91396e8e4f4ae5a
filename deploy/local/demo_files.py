"""The two files of the demo workspace: what the first post of a newcomer shows."""

import io
from collections.abc import Callable

from django.core.files.storage import default_storage

from deploy.local import demo_media
from posts.media import uploads
from posts.models import Media, Workspace

TEXT = "Dovecote"
FILES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "welcome.jpg": ("image/jpeg", demo_media.picture),
    "welcome.mp4": ("video/mp4", demo_media.film),
}


def make_files(workspace: Workspace) -> list[str]:
    """The ids of a picture and a film, ready; made if they, or their bytes, are not there."""
    return [str((_find(workspace, name) or _make(workspace, name)).pk) for name in FILES]


def _find(workspace: Workspace, name: str) -> Media | None:
    ready = Media.objects.filter(workspace=workspace, filename=name, status=Media.Status.READY)
    found = ready.order_by("created_at")
    return next((file for file in found if default_storage.exists(file.storage_key)), None)


def _make(workspace: Workspace, name: str) -> Media:
    """As a customer would: announced, received, checked."""
    content_type, draw = FILES[name]
    content = draw(TEXT)
    announced = uploads.announce(workspace.pk, name, content_type, len(content))
    uploads.receive(announced, io.BytesIO(content), len(content))
    return uploads.complete(workspace.pk, announced.pk)
