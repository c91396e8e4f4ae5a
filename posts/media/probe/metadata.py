"""Metadata of picture files: place, device, time, names, previews.

It is found and removed part by part; the picture's own bytes are not changed.
"""

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from posts.media.probe import chunks, gif, jpeg
from posts.media.probe.facts import Content, FilePart, UnreadableFile

_PARTS: dict[str, Callable[[Content], Iterator[FilePart]]] = {
    "image/jpeg": jpeg.parts,
    "image/png": chunks.png_parts,
    "image/gif": gif.parts,
    "image/webp": chunks.webp_parts,
}
#: The name of a frame's part in each format that can be animated.
_FRAMES = {"image/png": "fcTL", "image/gif": "picture", "image/webp": "ANMF"}


@contextmanager
def mapped(path: Path) -> Iterator[Content]:
    """Map a file's bytes, read only where they are used. Raises UnreadableFile if it is empty."""
    if not path.stat().st_size:
        raise UnreadableFile("The file is empty.")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        yield content


def parts(content: Content, content_type: str) -> list[FilePart]:
    """Return all parts of a picture file of this type. Raises UnreadableFile, also for too many."""
    return list(_PARTS[content_type](content))


def frames(found: list[FilePart], content_type: str) -> int:
    """Return how many pictures an animation has; 1 for a still one."""
    name = _FRAMES.get(content_type)
    return max(1, sum(part.name == name for part in found))


def is_in(found: list[FilePart]) -> bool:
    return any(part.is_private for part in found)


def without(path: Path, content_type: str) -> bytes:
    """Return the file without metadata, its picture equal bit for bit. Raises UnreadableFile."""
    with mapped(path) as content:
        kept = [part for part in parts(content, content_type) if not part.is_private]
        if content_type == "image/webp":
            return chunks.webp_of(content, kept)
        return b"".join(content[part.start : part.end] for part in kept)
