"""Reading one file. To be called in the sandbox."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posts.probing.facts import Facts, Unreadable

if TYPE_CHECKING:
    from PIL import Image


def work(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The `facts` of the file at `path`, or why it is `unreadable`; then its `thumbnail` is made.

    The facts come first: a file whose thumbnail takes too much is as good as any other.
    """
    try:
        facts, picture = read(Path(request["path"]), request["type"])
    except Unreadable as error:
        yield {"unreadable": str(error)}
        return
    yield {"facts": asdict(facts)}
    if picture:
        from posts import thumbnails

        thumbnails.save(picture, Path(request["thumbnail"]))


def read(path: Path, content_type: str) -> tuple[Facts, "Image.Image | None"]:
    """The facts of a file, and what it looks like. Raises Unreadable."""
    # Each type loads only the library that reads it.
    if content_type.startswith("image/"):
        from posts.probing import images

        return images.read(path, content_type)
    if content_type.startswith("video/"):
        from posts.probing import videos

        return videos.read(path)
    from posts.probing import documents

    return documents.read(path), None
