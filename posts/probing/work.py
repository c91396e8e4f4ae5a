"""Reading one file. To be called in the sandbox."""

import importlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from posts.probing.facts import Unreadable


def work(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The `facts` of the file at `path`, or why it is `unreadable`; then its `thumbnail` is made.

    `reader` is the module that reads its `type`.

    The facts come first: a file whose thumbnail takes too much is as good as any other.
    """
    # Each type loads only the library that reads it.
    reader = importlib.import_module(request["reader"])
    try:
        facts, picture = reader.read(Path(request["path"]), request["type"])
    except Unreadable as error:
        yield {"unreadable": str(error)}
        return
    yield {"facts": asdict(facts)}
    if picture:
        from posts import thumbnails

        thumbnails.save(picture, Path(request["thumbnail"]))
