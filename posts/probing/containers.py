"""Opening MP4 and MOV files, which are one container."""

from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

#: PyAV 19 reads titles of any encoding; earlier versions take them for a broken file.
_ANY_TITLES: Any = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "ignore"}


def opened(path: Path) -> InputContainer:
    """The video, to be used as a context manager. Raises FFmpegError, OSError, ValueError.

    Naming the container keeps playlists, and the addresses in them, out.
    """
    container: InputContainer = av.open(str(path), "r", format="mov", **_ANY_TITLES)
    return container
