"""One part of a file."""

from dataclasses import dataclass
from mmap import mmap

from posts.media.probe.facts import UnreadableFile

#: A file's bytes; mapped, so that it is never held in memory as a whole.
Content = bytes | mmap

#: Animations have a few hundred frames; the networks take up to 350.
MAX_FRAMES = 5_000


@dataclass(frozen=True, slots=True)
class FilePart:
    """The bytes from `start` up to `end`. `name` is what its format calls it.

    `is_private`: the picture is the same without it, and it may reveal who made the picture, where,
    and with which device.
    """

    name: str
    start: int
    end: int
    is_private: bool = False


def check_count(count: int, most: int, of: str) -> None:
    """Raise UnreadableFile for more than `most`, which no ordinary file has."""
    if count > most:
        raise UnreadableFile(f"The image has more than {most} {of}.")


def after(content: Content, place: int, length: int, kind: str) -> int:
    """Return where a part ends. Raises UnreadableFile if that is beyond the end of the file."""
    if place + length > len(content):
        raise UnreadableFile(f"The file is not a whole {kind} image.")
    return place + length
