"""How `up` learns that it should end.

The first signal raises Stopped wherever the main thread is. Some places swallow what is raised in
them (finalizers, callbacks from C), so that the wish is also remembered: `check` raises it again.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from config.local.leash import PR_SET_PDEATHSIG

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: A terminal signals make and us, and make passes it on: so soon after, it is the same wish.
ECHO_SECONDS = 1.0


class Stopped(BaseException):
    """A signal asked us to end. Not an Exception, so that nobody mistakes it for a failure."""


_asked_at: float | None = None
_is_held = False


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


def ignore_signals() -> None:
    """From now on nothing interrupts: what follows is short and must be done."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def check() -> None:
    """Raises Stopped if a signal has asked us to end, even if that was swallowed then."""
    if _asked_at is not None:
        raise Stopped


@contextmanager
def held() -> Iterator[None]:
    """What is inside is done whole: a signal that comes meanwhile raises Stopped after it."""
    global _is_held
    _is_held = True
    try:
        yield
    finally:
        _is_held = False
    check()
