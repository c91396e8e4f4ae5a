"""Named points at which a worker can be made to crash, to prove that a crash there does no harm.

`DOVECOTE_FAILPOINT` names one: `sending`, `sending:x` (at that platform alone) or
`sending:x:skip=2` (the third time). The process then kills itself with SIGKILL, so nothing is
cleaned up. With `:stop` at the end it freezes instead, by SIGSTOP, as on a machine that is paused
or falls asleep; it continues after a SIGCONT, and does not freeze again. If
`DOVECOTE_FAILPOINT_ONCE` names a file, it dies only if it is the process that creates that file, so
the next worker survives. Without the variable `reach` does nothing, which is decided at import.
Only tests set it.
"""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: A claim was made and its message is not sent yet.
CLAIMED = "claimed"
#: A message was received and nothing is started.
RECEIVED = "received"
#: The attempt is committed and the network was not called.
BEGUN = "begun"
#: A checkpoint between two steps is committed.
SAVED = "saved"
#: It is committed that the irreversible call leaves, and it has not left.
SENDING = "sending"
#: The irreversible call has a connection, and its lease is about to be checked.
LEAVING = "leaving"
#: The irreversible call left, and its answer or failure is not recorded.
ANSWERED = "answered"
#: The outcome is written and not committed.
RECORDING = "recording"
#: The outcome is committed and the message not acknowledged.
RECORDED = "recorded"
#: The network gave new tokens and they are not stored.
REFRESHED = "refreshed"
#: A deletion has begun and the network was not asked.
DELETING = "deleting"
#: The network has answered a deletion, and its answer is not recorded.
REMOVED = "removed"
#: A post that repeats is written with its claim, and not committed.
REPEATING = "repeating"
#: A feed's document was read, and nothing of it is noted.
FEED_READ = "feed_read"
#: A feed's new items are noted, and their posts are not made.
FEED_NOTED = "feed_noted"
#: The post of a feed's item is written, and not committed.
FEED_POSTED = "feed_posted"

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
    DELETING,
    REMOVED,
    REPEATING,
    FEED_READ,
    FEED_NOTED,
    FEED_POSTED,
)


@dataclass(slots=True)
class Failpoint:
    """A point at which this process dies or freezes, after passing it `skip` times."""

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
            # To this thread, so that it stops here: a signal to the process may reach another one.
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
    """Return the failpoint that the variable names. Raises ValueError if there is no such point."""
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
    """Do nothing: no failpoint is set."""


def _chosen() -> Callable[[str, str], None]:
    text = os.environ.get("DOVECOTE_FAILPOINT", "")
    if not text:
        return _pass
    return parse(text, os.environ.get("DOVECOTE_FAILPOINT_ONCE", "")).reach


#: `reach(name, platform)`: this process may crash here.
reach = _chosen()
