"""One way in for every type of file."""

from collections.abc import Callable
from pathlib import Path

from posts import sandbox
from posts.probing import documents, images
from posts.probing.facts import Facts, Unreadable

#: Far more than a whole film needs: its index is read, not its pictures.
VIDEO_SECONDS = 60


def probe(path: Path, content_type: str) -> Facts:
    """The facts of a file of this type.

    Raises Unreadable, and sandbox.Broke where it could not be told: the next time it may.
    """
    return _PROBES[content_type](path, content_type)


def _video(path: Path, content_type: str) -> Facts:
    """Films are read elsewhere: a few forged bytes of an index can ask for any amount of memory."""
    answer = sandbox.run("posts.probing.videos", {"path": str(path)}, seconds=VIDEO_SECONDS)
    if "unreadable" in answer:
        raise Unreadable(answer["unreadable"])
    return Facts(**answer["facts"])


_PROBES: dict[str, Callable[[Path, str], Facts]] = {
    "image/jpeg": images.probe,
    "image/png": images.probe,
    "image/gif": images.probe,
    "image/webp": images.probe,
    "video/mp4": _video,
    "video/quicktime": _video,
    "application/pdf": documents.probe,
}
