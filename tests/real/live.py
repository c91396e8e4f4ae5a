"""A network's real server as chaos scenarios see it: its accounts, and what it lists of each."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests import programs
from tests.conftest import Simulator
from tests.real.gateway import Calls, Route
from tests.real.install import NotInstalled


@dataclass(frozen=True)
class Owner:
    """Hold an account there: its id as Dovecote has it, what connects it, and whose it is."""

    id: str
    credentials: Mapping[str, str]
    person: Any


@dataclass(frozen=True)
class Listed:
    """One post of an account, as the server lists it."""

    id: str
    text: str


class Live(Protocol):
    """A server that runs, for as long as its block lasts."""

    def route(self, simulator: Simulator) -> Route:
        """Return the way to this server's hosts; all others are the simulator's."""

    def owner(self) -> Owner:
        """Open an account."""

    def listed(self, owner: Owner) -> Sequence[Listed]:
        """Return all that the public sees of an account."""

    def left_over(self, owner: Owner) -> Sequence[Listed]:
        """Return what was made for a post and is not public, such as drafts."""


@dataclass(frozen=True)
class RealServer:
    """Where a network's server comes from, and which calls to it publish."""

    network: str
    name: str
    #: Programs that its installation or the server itself runs (tests/programs.py).
    programs: tuple[str, ...]
    #: The irreversible calls; one is on its way when a worker dies.
    publishing: Calls
    #: The calls that are lost, or whose answers are.
    losing: Calls
    #: Brings what Debian's programs do not have. Raises NotInstalled.
    install: Callable[[], object]
    running: Callable[[Path], AbstractContextManager[Live]]
    #: Whether it cannot always tell what became of a call: "may be live".
    may_stay_unknown: bool = False

    def lacks(self) -> str:
        """Install it where that is possible; why it cannot be had, or empty."""
        programs.main(self.programs)
        if missing := programs.missing(self.programs):
            return ", ".join(missing)
        try:
            self.install()
        except NotInstalled as why:
            return f"{self.name}: {why}"
        return ""
