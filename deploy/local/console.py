"""The output of `up` and of its processes: each line after the name of the process."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from config.process import wants_colour

OURS = "dovecote"
RESET, BOLD, DIM = "\x1b[0m", "\x1b[1m", "\x1b[2m"
COLOURS = {
    OURS: "\x1b[1;32m",
    "postgres": "\x1b[34m",
    "valkey": "\x1b[31m",
    "simulator": "\x1b[35m",
    "web": "\x1b[36m",
    "worker": "\x1b[33m",
    "uploader": "\x1b[93m",
    "beat": "\x1b[94m",
    "flower": "\x1b[95m",
}
WIDTH = max(map(len, COLOURS))
#: After so much silence `breaking_silence` says something.
SILENT_SECONDS = 2.0


class Console:
    """Can be used from any thread. A reader that goes away stops nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.colour = wants_colour(self.stream)
        self._lock = threading.Lock()
        self._wrote_at = time.monotonic()

    @contextmanager
    def breaking_silence(self) -> Iterator[None]:
        """While the block runs, say so whenever nothing was written for a while."""
        began, ended = time.monotonic(), threading.Event()

        def watch() -> None:
            while not ended.wait(SILENT_SECONDS / 8):
                if time.monotonic() - self._wrote_at >= SILENT_SECONDS:
                    self.say(f"Still at it, after {time.monotonic() - began:.0f} s…")

        watching = threading.Thread(target=watch, daemon=True, name="silence")
        watching.start()
        try:
            yield
        finally:
            ended.set()
            watching.join()

    def say(self, text: str = "") -> None:
        """Write one or more lines of `up` itself."""
        for line in text.split("\n"):
            self.line(OURS, line)

    def line(self, name: str, text: str) -> None:
        """Write a line of the process `name`."""
        colour = COLOURS.get(name.rstrip("0123456789"), BOLD)
        label = self._styled(colour, f"{name:<{WIDTH}}")
        self.page(f"{label} {self._styled(DIM, '│')} {text}")

    def page(self, text: str) -> None:
        """Write text without a name, to be copied."""
        with self._lock:
            self._wrote_at = time.monotonic()
            try:
                self.stream.write(f"{text}\n")
                self.stream.flush()
            except (OSError, ValueError):
                return

    def bold(self, text: str) -> str:
        return self._styled(BOLD, text)

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{RESET}" if self.colour else text
