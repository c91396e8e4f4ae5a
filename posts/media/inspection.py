"""Reads a file before it may be used: its facts, and a thumbnail. The reading runs in the sandbox.

Nothing the caller declares about the file is believed. This module needs no Django.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from platforms import sandbox
from platforms.sandbox import ResourceLimits, SandboxSlots
from posts.media.probe.facts import Facts, UnreadableFile

#: Which module of `probe` reads files of a type.
READERS = {
    "image/jpeg": "images",
    "image/png": "images",
    "image/gif": "images",
    "image/webp": "images",
    "video/mp4": "videos",
    "video/quicktime": "videos",
    "application/pdf": "documents",
}
#: For a file of any type. An ordinary one takes a tenth of it.
LIMITS = ResourceLimits(seconds=60, cpu_seconds=2, memory_bytes=280_000_000)
#: Two at once, because a web process must also answer other calls and memory is limited.
slots = SandboxSlots(2, patience_seconds=5)


@dataclass(frozen=True, slots=True)
class Inspection:
    facts: Facts
    #: A small JPEG; None for documents, and where it could not be drawn.
    thumbnail: bytes | None


def inspect(path: Path, content_type: str) -> Inspection:
    """Read a file of this type.

    Raises UnreadableFile if it is not of this type, is broken, or takes too much time or memory;
    sandbox.TooBusy; and sandbox.NoResult if the reader died without a result: a retry may work.
    """
    with tempfile.TemporaryDirectory(prefix="dovecote-") as folder, slots.one():
        thumbnail = Path(folder) / "thumbnail.jpg"
        request = {
            "path": str(path),
            "type": content_type,
            "reader": READERS[content_type],
            "thumbnail": str(thumbnail),
        }
        try:
            answer = sandbox.run("posts.media.inspection_sandboxed", request, LIMITS)
        except sandbox.LimitExceeded as error:
            raise UnreadableFile(str(error)) from None
        if "unreadable" in answer:
            raise UnreadableFile(answer["unreadable"])
        drawn = thumbnail.read_bytes() if thumbnail.exists() else None
        return Inspection(Facts(**answer["facts"]), drawn)
