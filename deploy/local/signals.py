"""Signals that end `up`.

The first signal raises Stopped wherever the main thread is. Finalizers and callbacks from C swallow
exceptions, so the signal is also remembered, and `check` raises Stopped again.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from config.process import PR_SET_PDEATHSIG

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: A terminal signals both make and us, and make passes its own on: within this time it is the same
#: signal.
ECHO_SECONDS = 1.0


class Stopped(BaseException):
    """A signal asked us to end. Not an Exception, so that no handler takes it for a failure."""


_asked_at: float | None = None
_is_held = False
#: The status file of the make that runs us, if it shows whether make was interrupted.
_make: Path | None = None


def _stop(number: int, _frame: FrameType | None) -> None:
    global _asked_at
    now = time.monotonic()
    if _asked_at is not None and now - _asked_at < ECHO_SECONDS:
        return
    _asked_at = now
    if not _is_held:
        raise Stopped(signal.Signals(number).name)


def raise_on_signals() -> None:
    """From now on each signal to end raises Stopped in the main thread."""
    for number in ENDING:
        signal.signal(number, _stop)
    if sys.platform == "linux" and os.environ.get("MAKELEVEL"):
        # make passes SIGTERM on by itself, but cannot when it is killed.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
        global _make
        status = Path(f"/proc/{os.getppid()}/status")
        _make = status if _catches_all(status) else None


def _catches_all(status: Path) -> bool:
    """Return whether a process has handlers for all signals of ENDING; True if that is unknown."""
    try:
        caught = int(status.read_text().partition("SigCgt:")[2].split()[0], 16)
    except (OSError, IndexError):
        return True
    return all(caught >> (number - 1) & 1 for number in ENDING)


def ignore_signals() -> None:
    """From now on signals are ignored: what follows is short and must finish."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def check() -> None:
    """Raises Stopped if a signal has asked us to end, even if that was swallowed then.

    If only make is interrupted or hung up, it drops its handler and waits for us silently: it
    assumes that a terminal has signalled us too.
    """
    if _asked_at is not None or (_make and not _catches_all(_make)):
        raise Stopped


@contextmanager
def held() -> Iterator[None]:
    """Finish the block first: a signal that comes meanwhile raises Stopped after it."""
    global _is_held
    _is_held = True
    try:
        yield
    finally:
        _is_held = False
    check()
