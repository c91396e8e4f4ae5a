"""Pictures, through Pillow."""

import struct
import zlib
from pathlib import Path

from PIL import Image

from posts.probing.facts import Facts, Unreadable

#: Above what cameras make; decoding one takes at most a few hundred megabytes.
PIXELS = 64_000_000
_TOO_LARGE = f"The image has more than {PIXELS} pixels."
#: EXIF orientations that turn width into height.
_TURNED = {5, 6, 7, 8}
ORIENTATION = 0x0112
#: What Pillow raises for broken files, beside its own errors.
BROKEN = (
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


def probe(path: Path, content_type: str) -> Facts:
    """Raises Unreadable unless the whole file is one picture, or an animation, of this type."""
    wanted = content_type.removeprefix("image/").upper()
    # Phones write JPEG files with a preview inside as MPO.
    formats = [wanted, "MPO"] if wanted == "JPEG" else [wanted]
    try:
        with Image.open(path, formats=formats) as image:
            width, height = image.size
            if width * height > PIXELS:
                raise Unreadable(_TOO_LARGE)
            frames = 1 if wanted == "JPEG" else int(getattr(image, "n_frames", 1))
            orientation = image.getexif().get(ORIENTATION)
            # A JPEG is read to its end at an eighth of its size.
            image.draft(None, (width // 8 or 1, height // 8 or 1))
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable(_TOO_LARGE) from None
    except BROKEN:
        raise Unreadable(f"The file is not a whole {wanted} image.") from None
    if orientation in _TURNED:
        width, height = height, width
    return Facts(width=width, height=height, frames=frames)
