"""Crops an image to an aspect ratio around its middle. Runs in the sandbox."""

from pathlib import Path
from typing import Any

from PIL import Image

from posts.media.probe.images import BROKEN

#: By how much of its width or height an image may differ from the ratio, uncropped.
TOLERANCE = 0.01


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Write the image at `source` to `target` with the ratio `width`:`height`, in its own format.

    Nothing is written if it has that ratio, or cannot be read: what reads it next says why.
    """
    try:
        with Image.open(Path(request["source"])) as image:
            box = middle(*image.size, request["width"] / request["height"])
            if box is not None:
                image.crop(box).save(Path(request["target"]), format=image.format)
    except BROKEN:
        return {"cropped": False}
    return {"cropped": box is not None}


def middle(width: int, height: int, ratio: float) -> tuple[int, int, int, int] | None:
    """Return the largest box of this ratio in the middle; None if the whole image has it."""
    wide, high = min(width, round(height * ratio)), min(height, round(width / ratio))
    if width - wide <= width * TOLERANCE and height - high <= height * TOLERANCE:
        return None
    left, top = (width - wide) // 2, (height - high) // 2
    return left, top, left + wide, top + high
