"""Small JPEGs that show customers which file is which. Documents have none."""

import contextlib
from pathlib import Path

from PIL import Image

from platforms.limits import Form
from posts.media.convert import images
from posts.media.convert.geometry import ConversionError
from posts.media.probe.images import BROKEN

SIDE_PIXELS = 320
FORM = Form("image/jpeg", max_width=SIDE_PIXELS, max_height=SIDE_PIXELS)


def save(picture: Image.Image, target: Path) -> None:
    """Write the picture upright as a JPEG.

    If that fails nothing is written: a file without a thumbnail is accepted like any other.
    """
    unfinished = target.with_suffix(".part")
    with contextlib.suppress(ConversionError, *BROKEN):
        images.write(images.upright(picture, FORM), unfinished, FORM)
        unfinished.replace(target)
