"""What is learnt from a file before it may be used: its facts, and how it looks."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from posts.media import probe, storage
from posts.media.probe import Facts
from posts.models import Media


@dataclass(frozen=True, slots=True)
class Inspected:
    facts: Facts
    thumbnail: bytes | None


def inspect(path: Path, content_type: str) -> Inspected:
    """Read the file. Raises probing.Unreadable if it is not of this type, or is broken.

    Raises sandbox.Broke if reading it ended without an answer, and sandbox.Busy.
    """
    with tempfile.TemporaryDirectory(prefix="dovecote-") as folder:
        thumbnail = Path(folder) / "thumbnail.jpg"
        facts = probe.probe(path, content_type, thumbnail)
        return Inspected(facts, thumbnail.read_bytes() if thumbnail.exists() else None)


def fields(media: Media, inspected: Inspected) -> dict[str, Any]:
    """What a file's row says once it is ready. Stores the thumbnail; raises OSError."""
    key = ""
    if inspected.thumbnail:
        key = storage.keep(media, "jpg", ContentFile(inspected.thumbnail), folder="seen")
    return {
        "status": Media.Status.READY,
        "thumbnail_key": key,
        **asdict(inspected.facts),
    }
