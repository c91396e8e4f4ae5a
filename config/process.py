"""The start of a process: its name for PostgreSQL, its colours, its parent, its memory."""

import ctypes
import gc
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import TextIO

PREFIX = "dovecote"
PR_SET_PDEATHSIG = 1
#: PostgreSQL cuts names of more than 63 bytes: the number at the end must stay.
HOST_CHARS = 30
#: Objects that a process makes between two looks of the collector; by default 700.
COLLECT_AFTER = 20_000


def settle(**_: object) -> None:
    """Leave what has been imported to itself: the collector looks at it no more.

    A receiver of Celery's signals. Looking at it again and again is a fifth of a busy worker's
    time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    trim()


def trim() -> None:
    """Return what importing has left free: 11 MB under CPython 3.13, half a MB under 3.11.

    Does nothing where there is no glibc.
    """
    if give_back := getattr(ctypes.CDLL(None), "malloc_trim", None):
        give_back(0)


def end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Let Linux send this process a signal when its parent ends, also by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))


def set_name(kind: str) -> None:
    """Call this process `dovecote KIND HOST NUMBER`, unless an operator has named it.

    Call it before the first connection.
    """
    # The variable of PostgreSQL's client library.
    host = socket.gethostname()[:HOST_CHARS]
    os.environ.setdefault("PGAPPNAME", f"{PREFIX} {kind} {host} {os.getpid()}")


def wants_colour(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether to write colours: to terminals, unless NO_COLOR is set (https://no-color.org).

    FORCE_COLOR is for processes whose output `up` shows on a terminal.
    """
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return bool(environ.get("FORCE_COLOR")) or stream.isatty()
