"""A fetched file becomes one of ours: checked, stored, and counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files import File

from posts.errors import Refused
from posts.media import delete, inspecting, quotas, storage
from posts.media.fetch.download import Spooled
from posts.media.uploads import TYPES
from posts.models import Media


class Unwanted(Exception):
    """Somebody else fetches the file now, or it was deleted meanwhile."""


@contextmanager
def landed(media: Media, spooled: Spooled) -> Iterator[dict[str, Any]]:
    """What the row of this file says once it is ready; its bytes are stored.

    They are removed again if the block raises Refused or Unwanted. After anything else nobody
    knows whether the row has them: they stay, and are cleaned away if it does not. Raises Refused,
    Unreadable, sandbox.Broke, sandbox.Busy, and OSError of the storage.
    """
    quotas.check(media.workspace_id, spooled.size_bytes)
    inspected = inspecting.inspect(spooled.path, media.content_type)
    spooled.file.seek(0)
    values = {
        "storage_key": storage.keep(media, TYPES[media.content_type].extension, File(spooled.file)),
        "size_bytes": spooled.size_bytes,
        **inspecting.fields(media, inspected),
    }
    try:
        yield values
    except (Refused, Unwanted):
        for key in (values["storage_key"], values["thumbnail_key"]):
            delete.discard(media, key)
        raise
