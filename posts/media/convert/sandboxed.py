"""Make one variant of one file; the work of convert/jobs.py that runs in the sandbox.

Files without metadata lack place, device, time and names. An image keeps its pixels bit for bit
unless it must be rotated, because its orientation is metadata too. A video's packets are copied
into a new file.
"""

import io
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from platforms.limits import Form
from posts.media.convert import images, videos
from posts.media.convert.geometry import ConversionError
from posts.media.probe import images as image_facts
from posts.media.probe import metadata
from posts.media.probe import videos as video_facts
from posts.media.probe.facts import UnreadableFile
from posts.media.probe.images import BROKEN, ORIENTATION


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Write the file at `source` to `target` in this `form`; with `strips`, only without metadata.

    Returns the `facts` of the new file and whether it has `bars`, or why it `cannot` be made.
    """
    source, target = Path(request["source"]), Path(request["target"])
    form = Form(**request["form"])
    try:
        if request["strips"]:
            bars = False
            write_stripped(source, target, form.content_type)
        elif form.content_type.startswith("image/"):
            bars = images.make(source, target, form)
        else:
            bars = videos.make(source, target, form)
        if form.content_type.startswith("image/"):
            facts, _ = image_facts.read(target, form.content_type)
        else:
            facts = video_facts.measure(target)
    except ConversionError as error:
        return {"cannot": str(error)}
    except UnreadableFile as error:
        return {"cannot": f"the result is broken: {error}"}
    if facts.has_metadata:
        return {"cannot": "its metadata cannot be removed"}
    size = target.stat().st_size
    made = {**asdict(facts), "content_type": form.content_type, "size_bytes": size}
    del made["has_metadata"]
    return {"facts": made, "bars": bars}


_IMPOSSIBLE = "its metadata cannot be removed"
#: For a rotated image: the first quality whose result is not larger than the original is used.
QUALITIES = (95, 90, 85, 75)
_CONTAINERS = {"video/mp4": "mp4", "video/quicktime": "mov"}


def write_stripped(source: Path, target: Path, content_type: str) -> None:
    """Write the same type of file without its metadata. Raises ConversionError, MemoryError."""
    if content_type in _CONTAINERS:
        videos.copy_plain(source, target, _CONTAINERS[content_type])
        return
    try:
        with Image.open(source) as image:
            upright = _upright(image, source.stat().st_size)
        if upright:
            target.write_bytes(upright)
        target.write_bytes(metadata.without(target if upright else source, content_type))
    except (UnreadableFile, *BROKEN):
        raise ConversionError(_IMPOSSIBLE) from None


def _upright(image: Image.Image, size_bytes: int) -> bytes | None:
    """Return the image rotated as its orientation asks; None if it is displayed as it is stored.

    Animations are never rotated: viewers do not rotate them either.
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
