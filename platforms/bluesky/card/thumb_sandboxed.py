"""Make the picture of a link's card small enough. Runs in the sandbox."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

#: As wide and high as apps show it on a sharp screen; half of it, and less, if that is too much.
SIDE = 1200
QUALITY = 85


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Write the image at `source` to `target` as a JPEG of at most `most_bytes`.

    What Pillow raises about a file that it cannot read ends the child.
    """
    target, side = Path(request["target"]), SIDE
    with Image.open(Path(request["source"])) as image:
        made = ImageOps.exif_transpose(image).convert("RGB")
    while True:
        made.thumbnail((side, side))
        made.save(target, "JPEG", quality=QUALITY)
        if target.stat().st_size <= request["most_bytes"]:
            return {"size_bytes": target.stat().st_size}
        side //= 2
