"""The addresses at which a card's files can be seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.core.files.storage import default_storage

from platforms import drafts
from posts.models import Media

#: Larger pictures are shown by their thumbnails.
SMALL_BYTES = 1024**2
PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")


@dataclass(frozen=True, slots=True)
class Seen:
    """The address of a file, and of a picture that shows it on a page; None: nowhere."""

    url: str | None = None
    picture_url: str | None = None


Addresses = Callable[[Media], Seen]


def signed(media: Media) -> Seen:
    """Links that anyone can open until they expire, as GET /media has them."""
    url = default_storage.url(media.public_key) if media.public_key else None
    if url and media.content_type in PICTURES and media.size_bytes <= SMALL_BYTES:
        return Seen(url, url)
    return Seen(url, default_storage.url(media.thumbnail_key) if media.thumbnail_key else None)


def rows(sent: Iterable[drafts.Draft]) -> Mapping[str, Media]:
    """Return the files of these drafts by storage key, in one query; deleted ones are missing."""
    keys = {item.key for draft in sent for item in draft.media if item.key and not item.deleted}
    if not keys:
        return {}
    found = Media.objects.filter(storage_key__in=keys).exclude(storage_key="")
    return {media.storage_key: media for media in found.select_related("workspace")}
