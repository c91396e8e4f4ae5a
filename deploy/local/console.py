"""What `up` says, and what its processes say, as lines with a name before them."""

import sys
import threading
from typing import TextIO

from config.observability.words import BOLD, DIM, RESET, wants_colour

OURS = "dovecote"
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


class Console:
    """Safe to write to from any thread. A reader who goes away stops nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.colour = wants_colour(self.stream)
        self._lock = threading.Lock()

    def say(self, text: str = "") -> None:
        """One or more lines of our own."""
        for line in text.split("\n"):
            self.line(OURS, line)

    def line(self, name: str, text: str) -> None:
        label = f"{name:<{WIDTH}}"
        if self.colour:
            label = f"{COLOURS.get(name, BOLD)}{label}{RESET}"
        self._write(f"{label} {self._dim('│')} {text}\n")

    def page(self, text: str) -> None:
        """Text as it is, without a name: for people to copy from."""
        self._write(f"{text}\n")

    def bold(self, text: str) -> str:
        return f"{BOLD}{text}{RESET}" if self.colour else text

    def _dim(self, text: str) -> str:
        return f"{DIM}{text}{RESET}" if self.colour else text

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                self.stream.write(text)
                self.stream.flush()
            except (OSError, ValueError):
                return
