"""Download a file from a URL to a temporary file, recognise its type by its first bytes, check and
store it.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files import File

from destinations.jobs.leased_rows import LeaseLost
from platforms.downloads import fetch
from platforms.limits import ONE
from posts.errors import RequestRefused
from posts.media import delete, inspection, quotas, storage
from posts.media.uploads import MEGABYTE, TYPES, Type, ready_fields
from posts.models import Media

#: Where the limit differs from that of uploads.
MAX_BYTES = {Media.Kind.IMAGE: 25 * MEGABYTE}
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class TemporaryFile:
    path: Path
    size_bytes: int
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class TypedDownload:
    """A download whose first bytes are here and tell its type. The server's word is ignored."""

    content_type: str
    head: bytes
    download: fetch.Download

    @property
    def type(self) -> Type:
        return TYPES[self.content_type]

    @property
    def max_bytes(self) -> int:
        return MAX_BYTES.get(self.type.kind, self.type.max_bytes)

    @contextmanager
    def whole(self, keep_alive: Callable[[], None]) -> Iterator[TemporaryFile]:
        """Download the whole file. `keep_alive` runs at each chunk; its errors end the download.

        Raises RequestRefused, FetchFailed, and OSError if the disk is full.
        """
        self._check_size(self.download.size or 0)
        with tempfile.NamedTemporaryFile(suffix=f".{self.type.extension}") as file:
            size, chunk = 0, self.head
            while chunk:
                size += len(chunk)
                self._check_size(size)
                file.write(chunk)
                keep_alive()
                chunk = self.download.read(_CHUNK_BYTES)
            file.flush()
            yield TemporaryFile(Path(file.name), size, file)  # type: ignore[arg-type]

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            one = ONE[self.type.kind].capitalize()
            raise RequestRefused(
                "file_too_large",
                f"{one} from a URL has at most {self.max_bytes} bytes.",
                max_size=self.max_bytes,
            )


@contextmanager
def opened(url: str, *, seconds: float) -> Iterator[TypedDownload]:
    """Begin to download the file at this URL. Raises RequestRefused, FetchFailed."""
    trusted = settings.FETCH_PRIVATE_HOSTS
    with fetch.fetch(url, seconds=seconds, trusted=trusted) as download:
        head = download.read(HEAD_BYTES)
        found = content_type_of(head)
        if found is None:
            raise RequestRefused("unsupported_media_type", _unknown(head))
        yield TypedDownload(found, head, download)


def _unknown(head: bytes) -> str:
    if is_heic(head):
        return "HEIC images are not supported; convert the file to JPEG."
    if not head:
        return "The file at this URL is empty."
    return (
        "The URL does not lead to a JPEG, PNG, GIF, WebP, MP4, MOV or PDF file; give the URL of "
        "the file itself, not of a page that shows it."
    )


@contextmanager
def stored(media: Media, downloaded: TemporaryFile) -> Iterator[dict[str, Any]]:
    """Check and store the file; yields the fields that make its row ready.

    If the block raises RequestRefused or LeaseLost, the bytes are deleted. After any other error it
    is unknown whether the row names them, so they stay, and cleanup removes them if it does not.
    Raises RequestRefused, UnreadableFile, sandbox.NoResult, sandbox.TooBusy, and OSError of the
    storage.
    """
    quotas.check(media.workspace_id, downloaded.size_bytes)
    inspected = inspection.inspect(downloaded.path, media.content_type)
    downloaded.file.seek(0)
    extension = TYPES[media.content_type].extension
    values = {
        "storage_key": storage.keep(media, extension, File(downloaded.file)),
        "size_bytes": downloaded.size_bytes,
        **ready_fields(media, inspected),
    }
    try:
        yield values
    except (RequestRefused, LeaseLost):
        for key in (values["storage_key"], values["thumbnail_key"]):
            delete.discard(media, key)
        raise


#: Enough for every signature below.
HEAD_BYTES = 4096

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
#: MP4 brands of files that are images, not videos.
_PICTURES = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"}
#: Boxes that old QuickTime files begin with.
_QUICKTIME_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def content_type_of(head: bytes) -> str | None:
    """Return the type, if it is one we accept; None otherwise."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return _video_type(head[4:8], head[8:12])


def is_heic(head: bytes) -> bool:
    """Return whether it is an image in the default format of iPhones."""
    return head[4:8] == b"ftyp" and head[8:12] in _PICTURES - {b"avif"}


def _video_type(box: bytes, brand: bytes) -> str | None:
    if box == b"ftyp":
        if brand in _PICTURES:
            return None
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return "video/quicktime" if box in _QUICKTIME_BOXES else None
