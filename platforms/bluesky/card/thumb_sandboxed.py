"""Make the picture of a link's card small enough. Runs in the sandbox."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

#: As wide and high as a sharp screen shows it; less if that is too much. The last always fits.
SIDES = (1200, 600, 300)
QUALITY = 85


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Write the image at `source` to `target` as a JPEG of at most `most_bytes`.

    What Pillow raises about a file that it cannot read ends the child.
    """
    target = Path(request["target"])
    with Image.open(Path(request["source"])) as image:
        made = ImageOps.exif_transpose(image).convert("RGB")
    for side in SIDES:
        made.thumbnail((side, side))
        made.save(target, "JPEG", quality=QUALITY)
        if target.stat().st_size <= request["most_bytes"]:
            break
    return {"size_bytes": target.stat().st_size}
