"""Making one form of one file. To be called in the sandbox."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from platforms.limits import Form
from posts.media.convert import images, stripping, videos
from posts.media.convert.cannot import CannotMake
from posts.media.probe import images as image_facts
from posts.media.probe import videos as video_facts
from posts.media.probe.facts import Unreadable


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Makes `form` of the file at `source`, at `target`: its `facts`, and whether it has `bars`;
    or why it `cannot` be made. `strips`: only its metadata is left out."""
    source, target = Path(request["source"]), Path(request["target"])
    form = Form(**request["form"])
    try:
        if request["strips"]:
            bars = False
            stripping.make(source, target, form.content_type)
        elif form.content_type.startswith("image/"):
            bars = images.make(source, target, form)
        else:
            bars = videos.make(source, target, form)
        if form.content_type.startswith("image/"):
            facts, _ = image_facts.read(target, form.content_type)
        else:
            facts = video_facts.measure(target)
    except CannotMake as error:
        return {"cannot": str(error)}
    except Unreadable as error:
        return {"cannot": f"what was made is broken: {error}"}
    if facts.has_metadata:
        return {"cannot": "its metadata cannot be left out"}
    size = target.stat().st_size
    made = {**asdict(facts), "content_type": form.content_type, "size_bytes": size}
    del made["has_metadata"]
    return {"facts": made, "bars": bars}
