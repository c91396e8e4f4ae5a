"""Log lines for people: the level, what happened, to what; nothing a person reads past.

Colour only for terminals, and for whoever is shown on one (FORCE_COLOR, as `up` sets it).
"""

import os
from collections.abc import Mapping
from datetime import datetime
from typing import TextIO

from structlog.typing import EventDict, WrappedLogger

RESET, BOLD, DIM = "\x1b[0m", "\x1b[1m", "\x1b[2m"
COLOURS = {
    "debug": DIM,
    "info": "\x1b[32m",
    "warning": "\x1b[33m",
    "error": "\x1b[31m",
    "critical": "\x1b[1;31m",
}
WIDTH = max(map(len, COLOURS))
#: Said in code for machines; a person is told only where something is wrong.
CALM = ("debug", "info")
#: On every line of one request or destination: for searching, so they come last.
IDS = ("account", "attempt", "destination", "post", "request_id", "workspace")


def wants_colour(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Colour for people at terminals who did not refuse it (https://no-color.org)."""
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return bool(environ.get("FORCE_COLOR")) or stream.isatty()


class Words:
    """A structlog renderer. Values come redacted and tracebacks as text."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, logger: WrappedLogger, method: str, line: EventDict) -> str:
        level, event = str(line.pop("level", "info")), str(line.pop("event", ""))
        below = [str(line.pop(name)) for name in ("stack", "exception") if line.get(name)]
        at, name = str(line.pop("at", "")), line.pop("logger", None)
        if name and level not in CALM:
            line["logger"] = name
        ordered = sorted(line.items(), key=lambda fact: fact[0] in IDS)
        facts = [f"{self._in(DIM, f'{key}=')}{_value(value)}" for key, value in ordered]
        words = [self._in(COLOURS.get(level, ""), f"{level:<{WIDTH}}"), self._in(BOLD, event)]
        return "\n".join([" ".join([*words, *facts, self._in(DIM, _clock(at))]).rstrip(), *below])

    def _in(self, style: str, text: str) -> str:
        return f"{style}{text}{RESET}" if self.colour and text else text


def _value(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return repr(text) if not text or any(letter.isspace() for letter in text) else text


def _clock(at: str) -> str:
    """The time of day where the reader is."""
    return f"at={datetime.fromisoformat(at).astimezone():%H:%M:%S}" if at else ""
