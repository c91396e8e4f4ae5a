"""A file on its way from its address to a temporary file here."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from platforms.downloads import fetch
from platforms.downloads.fetch import Download
from platforms.limits import ONE
from posts.errors import Refused
from posts.media.fetch import signatures
from posts.media.uploads import MEGABYTE, TYPES, Type
from posts.models import Media

#: Where it differs from what may be uploaded.
MAX_BYTES = {Media.Kind.IMAGE: 25 * MEGABYTE}
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file whose beginning is here. Its type is what it is, not what its server says."""

    content_type: str
    head: bytes
    download: Download

    @property
    def type(self) -> Type:
        return TYPES[self.content_type]

    @property
    def max_bytes(self) -> int:
        return MAX_BYTES.get(self.type.kind, self.type.max_bytes)

    @contextmanager
    def spooled(self, meanwhile: Callable[[], None] = lambda: None) -> Iterator["Spooled"]:
        """The whole of it in a temporary file. Raises Refused, CannotFetch, and OSError of a full
        disk.

        `meanwhile` is called with each piece; what it raises ends the download.
        """
        self._check_size(self.download.size or 0)
        with tempfile.NamedTemporaryFile(suffix=f".{self.type.extension}") as file:
            size, chunk = 0, self.head
            while chunk:
                size += len(chunk)
                self._check_size(size)
                file.write(chunk)
                meanwhile()
                chunk = self.download.read(_CHUNK_BYTES)
            file.flush()
            yield Spooled(Path(file.name), size, file)  # type: ignore[arg-type]

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            one = ONE[self.type.kind].capitalize()
            raise Refused(
                "file_too_large",
                f"{one} from an address has at most {self.max_bytes} bytes.",
                max_size=self.max_bytes,
            )


@dataclass(frozen=True, slots=True)
class Spooled:
    path: Path
    size_bytes: int
    file: BinaryIO


@contextmanager
def arrive(url: str, *, seconds: float) -> Iterator[Arriving]:
    """The file at this address, its type known and nothing kept. Raises Refused, CannotFetch."""
    trusted = settings.FETCH_PRIVATE_HOSTS
    with fetch.fetch(url, seconds=seconds, trusted=trusted) as download:
        head = download.read(signatures.HEAD_BYTES)
        found = signatures.content_type(head)
        if found is None:
            raise Refused("unsupported_media_type", _unknown(head))
        yield Arriving(found, head, download)


def _unknown(head: bytes) -> str:
    if signatures.is_heic(head):
        return "HEIC pictures are not taken; convert it to JPEG."
    if not head:
        return "There is nothing at this address."
    return (
        "What is at this address is no JPEG, PNG, GIF, WebP, MP4, MOV or PDF file; give the "
        "address of the file itself, not of a page that shows it."
    )
