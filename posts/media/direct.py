"""Bytes that customers send straight to the storage, where it is one that can take them."""

from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from posts.media import storage
from posts.models import Media


def is_possible() -> bool:
    return bool(settings.MEDIA_S3_BUCKET)


def key(media: Media) -> str:
    """Where the customer writes, for as long as the address is good; never what a file names."""
    return f"{storage.folder_of(media)}sent"


def upload_url(media: Media, seconds: int) -> str:
    """An address that takes the announced type and number of bytes, and nothing else."""
    url: str = _bucket().upload_url(key(media), media.content_type, media.size_bytes, seconds)
    return url


def take_over(media: Media, extension: str) -> str:
    """Copy what was sent to a key of ours, which it returns. Raises FileNotFoundError, Away."""
    ours = storage.new_key(media, extension)
    _bucket().take_over(key(media), ours)
    return ours


def _bucket() -> Any:
    # Not by its class: only installations that have a bucket load what speaks to it.
    return default_storage
