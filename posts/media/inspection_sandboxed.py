"""Reads one file and draws its thumbnail; the work of inspection.py that runs in the sandbox."""

import importlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from posts.media.probe.facts import UnreadableFile


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
        from posts.media import thumbnails

        thumbnails.save(picture, Path(request["thumbnail"]))
