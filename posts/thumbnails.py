"""Small pictures of files, for whoever chooses among them. Documents have none."""

import tempfile
from pathlib import Path
from typing import Any

import structlog

from platforms.rules import Form
from posts import sandbox
from posts.probing.facts import Facts
from posts.probing.images import BROKEN
from posts.variants import images
from posts.variants.cannot import CannotMake

log = structlog.get_logger()

SIDE_PIXELS = 320
FORM = Form("image/jpeg", max_width=SIDE_PIXELS, max_height=SIDE_PIXELS)
#: Larger pictures than that take memory that a web server may not have. A JPEG is decoded small.
HERE_PIXELS = 8_000_000
SECONDS = 30


def make(path: Path, content_type: str, facts: Facts) -> bytes | None:
    """A JPEG that shows what is in a file of these facts; None where there is nothing to show.

    A file without one is as good as any other, so nothing is raised.
    """
    if content_type == "application/pdf":
        return None
    with tempfile.TemporaryDirectory(prefix="dovecote-") as folder:
        target = Path(folder) / "thumbnail.jpg"
        try:
            if _is_light(content_type, facts):
                images.make(path, target, FORM)
            else:
                request = {"source": str(path), "target": str(target), "type": content_type}
                sandbox.run("posts.thumbnails", request, seconds=SECONDS)
            return target.read_bytes()
        except (CannotMake, sandbox.Broke, *BROKEN) as failure:
            log.info("thumbnail_not_made", content_type=content_type, failure=repr(failure))
            return None


def _is_light(content_type: str, facts: Facts) -> bool:
    pixels = (facts.width or 0) * (facts.height or 0)
    return content_type == "image/jpeg" or (
        content_type.startswith("image/") and pixels <= HERE_PIXELS
    )


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Makes the thumbnail of `source` at `target`, if it can. To be called in the sandbox."""
    source, target = Path(request["source"]), Path(request["target"])
    try:
        if request["type"].startswith("video/"):
            source = _first_picture(source, target.with_suffix(".png"))
        images.make(source, target, FORM)
    except (CannotMake, *BROKEN) as failure:
        return {"cannot": str(failure)}
    return {}


def _first_picture(film: Path, target: Path) -> Path:
    """The first picture of a film, upright and with square pixels."""
    # Not above: whoever only shows pictures need not load FFmpeg.
    import av
    from PIL import Image

    from posts.probing.videos import film_of, shown_size

    with av.open(str(film), "r", format="mov", metadata_errors="ignore") as container:
        stream = film_of(container)
        frame = next(container.decode(stream))
        size = shown_size(stream)
        picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    if picture.size != size:
        picture = picture.resize(size)
    picture.rotate(frame.rotation, expand=True).save(target)
    return target
