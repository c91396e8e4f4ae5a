"""What a check finds."""

from dataclasses import dataclass
from typing import Literal

#: `warning`: it works, and an operator should know. `problem`: posts are late, lost or refused.
Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what is so, and how to mend it. It names no secret."""

    level: Level
    subject: str
    said: str
    remedy: str = ""


def ok(subject: str, said: str) -> Finding:
    return Finding("ok", subject, said)


def warning(subject: str, said: str, remedy: str) -> Finding:
    return Finding("warning", subject, said, remedy)


def problem(subject: str, said: str, remedy: str) -> Finding:
    return Finding("problem", subject, said, remedy)
