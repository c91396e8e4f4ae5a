"""Small pictures of files, for whoever chooses among them. Documents have none."""

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
    """Write a JPEG that shows this picture upright.

    Nothing is written where that fails: a file without a thumbnail is as good as any other.
    """
    unfinished = target.with_suffix(".part")
    with contextlib.suppress(ConversionError, *BROKEN):
        images.write(images.upright(picture, FORM), unfinished, FORM)
        unfinished.replace(target)
