"""Write the events of files for webhooks, in the transaction of the change."""

from posts.models import Media
from posts.outbox import outbox


def uploaded(media: Media) -> None:
    """Write that a file is ready, however it came here."""
    _tell(media, "media.uploaded")


def deleted(media: Media) -> None:
    _tell(media, "media.deleted")


def _tell(media: Media, event: str) -> None:
    data = {
        "media_id": media.pk,
        "type": media.kind or None,
        "filename": media.filename,
        "size": media.size_bytes,
    }
    outbox.emit(media.workspace_id, event, data)
