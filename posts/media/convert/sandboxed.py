"""Makes one variant of one file; the work of convert/jobs.py that runs in the sandbox."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from platforms.limits import Form
from posts.media.convert import images, strip_metadata, videos
from posts.media.convert.geometry import ConversionError
from posts.media.probe import images as image_facts
from posts.media.probe import videos as video_facts
from posts.media.probe.facts import UnreadableFile


def work(request: dict[str, Any]) -> dict[str, Any]:
    """Write the file at `source` to `target` in this `form`; with `strips`, only without metadata.

    Returns the `facts` of the new file and whether it has `bars`, or why it `cannot` be made.
    """
    source, target = Path(request["source"]), Path(request["target"])
    form = Form(**request["form"])
    try:
        if request["strips"]:
            bars = False
            strip_metadata.write(source, target, form.content_type)
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
