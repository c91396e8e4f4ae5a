"""Read one file and draw its thumbnail; the work of inspection.py that runs in the sandbox.

Thumbnails are small JPEGs that show customers which file is which. Documents have none.
"""

import contextlib
import importlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image

from platforms.limits import Form
from posts.media.convert import images
from posts.media.convert.geometry import ConversionError
from posts.media.probe.facts import UnreadableFile
from posts.media.probe.images import BROKEN


def work(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the `facts` of the file at `path`, or why it is `unreadable`; then write `thumbnail`.

    The facts come first, because a file is accepted even if its thumbnail takes too much time or
    memory.
    """
    # Each type loads only the library that reads it.
    reader = importlib.import_module(f"posts.media.probe.{request['reader']}")
    try:
        facts, picture = reader.read(Path(request["path"]), request["type"])
    except UnreadableFile as error:
        yield {"unreadable": str(error)}
        return
    yield {"facts": asdict(facts)}
    if picture:
        save_thumbnail(picture, Path(request["thumbnail"]))


SIDE_PIXELS = 320
FORM = Form("image/jpeg", max_width=SIDE_PIXELS, max_height=SIDE_PIXELS)


def save_thumbnail(picture: Image.Image, target: Path) -> None:
    """Write the picture upright as a JPEG.

    If that fails nothing is written: a file without a thumbnail is accepted like any other.
    """
    unfinished = target.with_suffix(".part")
    with contextlib.suppress(ConversionError, *BROKEN):
        images.write(images.upright(picture, FORM), unfinished, FORM)
        unfinished.replace(target)
