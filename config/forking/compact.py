"""`python -m config.forking.compact`: web, one worker of every queue, and beat, in shared memory.

For machines with little of it. Once one of them ends, all end, and so does this: systemd or Docker
starts it again.
"""

import os
import signal
import sys
from multiprocessing.connection import wait

from config.forking import Forked
from config.queue.processes import PROCESSES, WORKER

COMMANDS = {"web": PROCESSES["web"], "worker": WORKER, "beat": PROCESSES["beat"]}
#: What settings are unless an operator has set them.
SETTINGS = {
    "WEB_THREADS": "8",
    "WORKER_THREADS": "8",
    # glibc: each thread would keep what it has freed.
    "MALLOC_ARENA_MAX": "2",
}


class Compact:
    """The processes, and whether a signal has asked them to end."""

    def __init__(self) -> None:
        self._running: dict[str, Forked] = {}
        self._is_asked = False

    def run(self) -> int:
        """Run until a signal; the exit code is 1 if one of them has ended by itself."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)
        for name, (_, _, module, *arguments) in COMMANDS.items():
            self._running[name] = Forked(module, arguments, inherits_output=True)
        wait([each.sentinel for each in self._running.values()])
        is_asked = self._is_asked
        ended = [name for name, each in self._running.items() if each.returncode is not None]
        if not is_asked:
            sys.stderr.write(f"{', '.join(ended)} ended; ending all.\n")
        self._end()
        for each in self._running.values():
            each.wait()
        return 0 if is_asked else 1

    def _asked(self, *_: object) -> None:
        self._is_asked = True
        self._end()

    def _end(self) -> None:
        for each in self._running.values():
            each.send_signal(signal.SIGTERM)


if __name__ == "__main__":
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    sys.exit(Compact().run())
