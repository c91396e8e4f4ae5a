"""How `up` learns that it should end."""

import ctypes
import os
import signal
import sys
from types import FrameType

from config.local.leash import PR_SET_PDEATHSIG

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked us to end. Not an Exception, so that nobody mistakes it for a failure."""


def raise_on_signals() -> None:
    """From now on the first signal to end raises Stopped in the main thread."""

    def stop(number: int, _frame: FrameType | None) -> None:
        for other in ENDING:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    for number in ENDING:
        signal.signal(number, stop)
    if sys.platform == "linux" and os.environ.get("MAKELEVEL"):
        # make passes SIGTERM on by itself, but cannot when it is killed.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def raise_on_another() -> None:
    """While stopping, a second signal raises again: somebody is in a hurry."""
    raise_on_signals()
