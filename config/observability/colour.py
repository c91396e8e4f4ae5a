"""Colours of what is written to terminals."""

import os
from collections.abc import Mapping
from typing import TextIO


def wants_colour(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to write colours: to terminals, unless NO_COLOR is set (https://no-color.org).

    FORCE_COLOR is for processes whose output `up` shows on a terminal.
    """
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return bool(environ.get("FORCE_COLOR")) or stream.isatty()
