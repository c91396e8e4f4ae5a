"""Files without what they tell beside the picture, the video: place, device, time, names.

The picture stays as it is, bit for bit, unless it must be turned upright: what says how it is to be
turned stands among the rest. A video is copied into a fresh file, packet by packet.
"""

import io
from pathlib import Path

from PIL import Image, ImageOps

from posts.media.convert import videos
from posts.media.convert.cannot import CannotMake
from posts.media.probe import metadata
from posts.media.probe.facts import Unreadable
from posts.media.probe.images import BROKEN, ORIENTATION

_IMPOSSIBLE = "its metadata cannot be left out"
#: Of a picture that is encoded anew; the first that is not larger than the original.
QUALITIES = (95, 90, 85, 75)
_CONTAINERS = {"video/mp4": "mp4", "video/quicktime": "mov"}


def make(source: Path, target: Path, content_type: str) -> None:
    """Write the file without its metadata, of the same type. Raises CannotMake, MemoryError."""
    if content_type in _CONTAINERS:
        videos.copy_plain(source, target, _CONTAINERS[content_type])
        return
    try:
        with Image.open(source) as image:
            upright = _upright(image, source.stat().st_size)
        if upright:
            target.write_bytes(upright)
        target.write_bytes(metadata.without(target if upright else source, content_type))
    except (Unreadable, *BROKEN):
        raise CannotMake(_IMPOSSIBLE) from None


def _upright(image: Image.Image, size_bytes: int) -> bytes | None:
    """The picture turned as it says it is to be shown; None if it is shown as it is stored.

    An animation is never turned: viewers do not turn them either.
    """
    turned = image.getexif().get(ORIENTATION, 1) in range(2, 9)
    if not turned or (getattr(image, "n_frames", 1) > 1 and image.format != "MPO"):
        return None
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    picture = ImageOps.exif_transpose(image)
    profile = {"icc_profile": image.info.get("icc_profile")}
    for quality in QUALITIES:
        held = io.BytesIO()
        picture.save(held, kind, quality=quality, **profile)
        if kind == "PNG" or held.tell() <= size_bytes:
            break
    return held.getvalue()
