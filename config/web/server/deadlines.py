"""Deadlines of a connection: one for each phase, and a minimum rate."""

from dataclasses import dataclass
from enum import Enum, auto


class Phase(Enum):
    #: Between two requests, or before the first byte of the first.
    IDLE = auto()
    HEADER = auto()
    BODY = auto()
    #: A thread has the request; the database's timeouts bound it.
    WORK = auto()
    ANSWER = auto()
    #: RequestRefused: further input is discarded, so that the client can read the answer.
    LINGER = auto()


@dataclass(frozen=True, slots=True)
class TimeLimits:
    header_seconds: float
    idle_seconds: float
    #: A body or an answer moves `bytes_per_second` on average within each of these periods.
    stall_seconds: float
    bytes_per_second: int
    #: The longest that one body, or one answer, may take.
    transfer_seconds: float
    linger_seconds: float = 5

    def longest(self, phase: Phase) -> float | None:
        """Seconds that a phase may last; None: as long as it takes."""
        return {
            Phase.IDLE: self.idle_seconds,
            Phase.HEADER: self.header_seconds,
            Phase.BODY: self.transfer_seconds,
            Phase.ANSWER: self.transfer_seconds,
            Phase.LINGER: self.linger_seconds,
        }.get(phase)


class Deadlines:
    """Follows one connection; `is_late` is asked about every second."""

    def __init__(self, limits: TimeLimits, now: float) -> None:
        self._limits = limits
        self._phase: tuple[Phase, int] = (Phase.IDLE, 0)
        self.began = self._since = now
        self._moved = 0

    def is_late(self, phase: Phase, number: int, moved: int, now: float) -> bool:
        """Return whether the connection must be closed.

        `number` tells one request, or one answer, from the next. `moved` counts its bytes.
        """
        if (phase, number) != self._phase:
            self._phase, self._moved = (phase, number), moved
            self.began = self._since = now
            return False
        longest = self._limits.longest(phase)
        if longest is not None and now - self.began > longest:
            return True
        if (
            phase not in (Phase.BODY, Phase.ANSWER)
            or now - self._since < self._limits.stall_seconds
        ):
            return False
        wanted = self._limits.bytes_per_second * (now - self._since)
        is_slow = moved - self._moved < wanted
        self._since, self._moved = now, moved
        return is_slow
