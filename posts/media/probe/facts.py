"""The facts that are read from a file."""

from dataclasses import dataclass


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
