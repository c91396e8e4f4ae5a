"""What is read from a file: its facts, and the parts that it consists of."""

from dataclasses import dataclass
from mmap import mmap

#: A file's bytes; mapped, so that it is never held in memory as a whole.
Content = bytes | mmap
#: Animations have a few hundred frames; the networks take up to 350.
MAX_FRAMES = 5_000


class UnreadableFile(Exception):
    """The file is not what it was declared to be, or is broken. The message may be shown."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of a file, as in platforms.drafts.Media: sizes as displayed; None if not applicable."""

    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    video_codec: str = ""
    audio_codec: str = ""
    frames_per_second: float | None = None
    frames: int = 1
    index_first: bool | None = None
    pages: int | None = None
    #: Whether the file has metadata about the place, the device or people.
    has_metadata: bool = False


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
