"""Named points at which a worker can be made to die, to prove that a crash there does no harm.

`DOVECOTE_FAILPOINT` names one: `sending`, `sending:x` (at that platform alone) or
`sending:x:skip=2` (the third time). The process then ends itself by SIGKILL, so nothing is tidied
up. With `:stop` at the end it freezes instead, by SIGSTOP, as on a machine that is paused or falls
asleep; it goes on when somebody sends it SIGCONT, and freezes no second time. With
`DOVECOTE_FAILPOINT_ONCE` naming a file, it dies only if it is the one to create that file: the
worker that is started next lives on. Without the variable `reach` does nothing at all, which is
decided once at import. Only tests set it.
"""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: A claim was made and its message is not sent yet.
CLAIMED = "claimed"
#: A message was received and nothing is begun.
RECEIVED = "received"
#: The attempt is committed and the network was not asked.
BEGUN = "begun"
#: A checkpoint between two steps is committed.
SAVED = "saved"
#: That the irreversible call leaves is committed, and it has not left.
SENDING = "sending"
#: The irreversible call has a connection, and whether it may still leave is about to be asked.
LEAVING = "leaving"
#: The irreversible call left, the client has its answer or its failure, and nobody was told.
ANSWERED = "answered"
#: The outcome is written and not committed.
RECORDING = "recording"
#: The outcome is committed and the message not acknowledged.
RECORDED = "recorded"
#: The network gave new tokens and they are not stored.
REFRESHED = "refreshed"

#: Every point, in the order a destination passes them.
NAMES = (
    CLAIMED,
    RECEIVED,
    REFRESHED,
    BEGUN,
    SAVED,
    SENDING,
    LEAVING,
    ANSWERED,
    RECORDING,
    RECORDED,
)


@dataclass(slots=True)
class Failpoint:
    """Where this process is to die or freeze; `skip` is how many times it passes there before."""

    name: str
    platform: str
    skip: int
    once: Path | None
    by: signal.Signals = signal.SIGKILL
    is_over: bool = False

    def reach(self, name: str, platform: str) -> None:
        if self.is_over or name != self.name or self.platform not in ("", platform):
            return
        if self.skip:
            self.skip -= 1
        elif self._is_first():
            self.is_over = True
            # To this very thread, which then goes no step further; to the process, another thread
            # might take it while this one sends.
            signal.pthread_kill(threading.get_ident(), self.by)

    def _is_first(self) -> bool:
        if self.once is None:
            return True
        try:
            self.once.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def parse(text: str, once: str = "") -> Failpoint:
    """What the variable asks for. Raises ValueError for a point that does not exist."""
    name, *words = text.split(":")
    skips = [int(word.removeprefix("skip=")) for word in words if word.startswith("skip=")]
    platforms = [word for word in words if word != "stop" and not word.startswith("skip=")]
    if name not in NAMES or len(platforms) > 1:
        raise ValueError(f"DOVECOTE_FAILPOINT={text!r}: the points are {', '.join(NAMES)}.")
    return Failpoint(
        name,
        "".join(platforms),
        sum(skips),
        Path(once) if once else None,
        signal.SIGSTOP if "stop" in words else signal.SIGKILL,
    )


def _pass(name: str, platform: str) -> None:
    """No failpoint is set."""


def _chosen() -> Callable[[str, str], None]:
    text = os.environ.get("DOVECOTE_FAILPOINT", "")
    if not text:
        return _pass
    return parse(text, os.environ.get("DOVECOTE_FAILPOINT_ONCE", "")).reach


#: `reach(name, platform)`: this process may have to die here.
reach = _chosen()
