"""One way in for every type of file."""

from pathlib import Path

from posts.media import sandbox
from posts.media.probe.facts import Facts, Unreadable
from posts.media.sandbox import Limits, Places

#: For a file of any type. An ordinary one takes a tenth of it.
LIMITS = Limits(seconds=60, cpu_seconds=2, memory_bytes=280_000_000)
#: Which module reads files of a type.
_READERS = {
    "image/jpeg": "images",
    "image/png": "images",
    "image/gif": "images",
    "image/webp": "images",
    "video/mp4": "videos",
    "video/quicktime": "videos",
    "application/pdf": "documents",
}
#: Two at once, because a web process must also answer other calls and memory is limited.
places = Places(2, patience_seconds=5)


def probe(path: Path, content_type: str, thumbnail: Path) -> Facts:
    """The facts of a file of this type. Writes a small picture of it to `thumbnail`, if it has one.

    Raises Unreadable, also for a file that takes too much time or memory; sandbox.Busy; and
    sandbox.Broke if the reader died without a result, in which case a retry may work.
    """
    request = {
        "reader": f"posts.media.probe.{_READERS[content_type]}",
        "path": str(path),
        "type": content_type,
        "thumbnail": str(thumbnail),
    }
    with places.one():
        try:
            answer = sandbox.run("posts.media.probe.sandboxed", request, LIMITS)
        except sandbox.TooMuch as error:
            raise Unreadable(str(error)) from None
    if "unreadable" in answer:
        raise Unreadable(answer["unreadable"])
    return Facts(**answer["facts"])
