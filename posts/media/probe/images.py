"""Reads images with Pillow. Runs in the sandbox."""

import struct
import zlib
from pathlib import Path

from PIL import Image

from posts.media.probe import jpeg, metadata
from posts.media.probe.facts import Facts, UnreadableFile

#: Larger than any camera's pictures; decoding one takes at most 256 MB.
PIXELS = 64_000_000
#: For formats whose decoding takes four times the memory. Phones make twelve megapixels.
COSTLY_PIXELS = {"WEBP": 12_500_000}
#: A JPEG in several scans is held in memory as a whole before it can be decoded.
BUFFERED_PIXELS = 32_000_000
#: EXIF orientations that turn width into height.
_TURNED = {5, 6, 7, 8}
ORIENTATION = 0x0112
#: Enough for a thumbnail: a JPEG is decoded at about this size, which takes less time.
_ENOUGH = 320
#: The exceptions of Pillow for broken files, beside its own errors.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def read(path: Path, content_type: str) -> tuple[Facts, Image.Image]:
    """Return the facts of the file, and its first picture: not rotated, and not much larger than a
    thumbnail.

    Raises UnreadableFile unless the whole file is one picture, or an animation, of this type.
    """
    wanted = content_type.removeprefix("image/").upper()
    with metadata.mapped(path) as content:
        found = metadata.parts(content, content_type)
        is_buffered = wanted == "JPEG" and jpeg.is_buffered(found)
    most = BUFFERED_PIXELS if is_buffered else COSTLY_PIXELS.get(wanted, PIXELS)
    try:
        with _opened(path, wanted, most) as image:
            width, height = image.size
            orientation = image.getexif().get(ORIENTATION)
            image.draft(None, (min(width, _ENOUGH), min(height, _ENOUGH)))
            image.load()
            picture = _thinned(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(most) from None
    except BROKEN:
        raise UnreadableFile(f"The file is not a whole {wanted} image.") from None
    frames, has_metadata = metadata.frames(found, content_type), metadata.is_in(found)
    # Viewers do not rotate animations.
    if orientation in _TURNED and frames == 1:
        width, height = height, width
    return Facts(width=width, height=height, frames=frames, has_metadata=has_metadata), picture


def _opened(path: Path, wanted: str, most: int) -> Image.Image:
    # Phones store JPEG files with an embedded preview as MPO.
    image = Image.open(path, formats=[wanted, "MPO"] if wanted == "JPEG" else [wanted])
    if image.width * image.height > most:
        image.close()
        raise _too_large(most)
    return image


def _thinned(image: Image.Image) -> Image.Image:
    """A copy with fewer pixels: converting a large picture's colours at full size would take too
    much memory. A thumbnail does not show the difference."""
    step = max(image.size) // (4 * _ENOUGH)
    if step < 2:
        return image.copy()
    size = max(1, image.width // step), max(1, image.height // step)
    return image.resize(size, Image.Resampling.NEAREST)


def _too_large(most: int) -> UnreadableFile:
    return UnreadableFile(f"The image has more than {most} pixels.")
