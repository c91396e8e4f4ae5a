"""Opening MP4 and MOV files, which are one container."""

from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

#: PyAV 19 reads titles of any encoding; earlier versions take them for a broken file.
_ANY_TITLES: Any = {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "ignore"}


def opened(path: Path) -> InputContainer:
    """Return the video, to be used as a context manager. Raises FFmpegError, OSError, ValueError.

    The container's format is given, so that FFmpeg opens no playlist, nor the URLs in one.
    """
    container: InputContainer = av.open(str(path), "r", format="mov", **_ANY_TITLES)
    return container
