"""What a file really is. Nothing a caller declares about it is believed."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import av
from PIL import Image

#: Above what cameras make; decoding one takes at most a few hundred megabytes.
IMAGE_PIXELS = 64_000_000
#: Beyond 8K; no network takes it.
VIDEO_SIDE_PIXELS = 8192
#: EXIF orientations that turn width into height.
_TURNED = {5, 6, 7, 8}
_ORIENTATION = 0x0112
#: What Pillow raises for broken files, beside its own errors.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class Unreadable(Exception):
    """The file is not what it was declared to be, or is broken. The message may be shown."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Sizes as they are displayed. Documents have none, images no duration."""

    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


def probe(file: BinaryIO, content_type: str) -> Facts:
    """The facts of a file of this type. Raises Unreadable."""
    return _PROBES[content_type](file, content_type)


def _image(file: BinaryIO, content_type: str) -> Facts:
    wanted = content_type.removeprefix("image/").upper()
    # Phones write JPEG files with a preview inside as MPO.
    formats = [wanted, "MPO"] if wanted == "JPEG" else [wanted]
    try:
        with Image.open(file, formats=formats) as image:
            width, height = image.size
            if width * height > IMAGE_PIXELS:
                raise Unreadable(f"The image has more than {IMAGE_PIXELS} pixels.")
            orientation = image.getexif().get(_ORIENTATION)
            # A JPEG is read to its end at an eighth of its size.
            image.draft(None, (width // 8 or 1, height // 8 or 1))
            image.load()
    except _BROKEN:
        raise Unreadable(f"The file is not a whole {wanted} image.") from None
    return Facts(height, width) if orientation in _TURNED else Facts(width, height)


def _video(file: BinaryIO, content_type: str) -> Facts:
    try:
        # MP4 and MOV are one container; naming it keeps playlists and their addresses out.
        with av.open(file, "r", format="mov", metadata_errors="ignore") as container:
            if not container.streams.video:
                raise Unreadable("The file has no video in it.")
            stream = container.streams.video[0]
            width, height = stream.width, stream.height
            seconds = (container.duration or 0) / av.time_base
            if not 0 < max(width, height) <= VIDEO_SIDE_PIXELS or seconds <= 0:
                raise Unreadable("The video has no usable size or duration.")
            frame = next(container.decode(stream), None)
    except (av.FFmpegError, OSError, ValueError, MemoryError):
        raise Unreadable("The file is not a whole MP4 or MOV video.") from None
    if frame is None:
        raise Unreadable("The video has no pictures in it.")
    turned = frame.rotation % 180 == 90
    return Facts(height, width, seconds) if turned else Facts(width, height, seconds)


def _document(file: BinaryIO, content_type: str) -> Facts:
    if file.read(5) != b"%PDF-":
        raise Unreadable("The file is not a PDF document.")
    return Facts()


_PROBES: dict[str, Callable[[BinaryIO, str], Facts]] = {
    "image/jpeg": _image,
    "image/png": _image,
    "image/gif": _image,
    "image/webp": _image,
    "video/mp4": _video,
    "video/quicktime": _video,
    "application/pdf": _document,
}
