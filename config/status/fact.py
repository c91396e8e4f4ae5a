"""A fact about this installation, and what a measurement of it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from destinations.runtime import clock, database

#: `notice`: one customer's own server is the cause. `warning`: it works, and an operator should
#: know. `problem`: posts are late, lost or refused.
Level = Literal["ok", "notice", "warning", "problem"]
#: Who must act on a finding.
Actor = Literal["operator", "customer", "nobody"]
Query = Callable[[str, Any], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was measured, what is so, and how to mend it. It names no secret."""

    level: Level
    subject: str
    said: str
    remedy: str = ""
    #: Which of several it is about, such as a network: the same while it lasts.
    about: str = ""
    #: How many it is about, such as accounts, and of how many workspaces; 0: not known.
    count: int = 0
    workspaces: int = 0


def ok(subject: str, said: str) -> Finding:
    return Finding("ok", subject, said)


def warning(subject: str, said: str, remedy: str, about: str = "") -> Finding:
    return Finding("warning", subject, said, remedy, about)


def problem(subject: str, said: str, remedy: str, about: str = "") -> Finding:
    return Finding("problem", subject, said, remedy, about)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact is read: a connection to the database, and the database's time."""

    query: Query = database.execute
    now: Callable[[], datetime] = clock.now


@dataclass(frozen=True, slots=True)
class Fact:
    """A named answer to "is it healthy?"."""

    name: str
    #: Asks one server once. Raises DatabaseError, psycopg.Error and RedisError.
    measure: Callable[[Source], Any]
    #: Applies the thresholds to what was measured. By default that are findings already.
    judge: Callable[[Any], Iterable[Finding]] = tuple
    actor: Actor = "operator"
    #: Whether what is wrong with it is an incident (`config.incidents`).
    is_watched: bool = False
    #: Causes of other incidents that explain what is wrong, so that it is none of its own.
    explained_by: tuple[str, ...] = ()
    #: Whether it lasts for a while after their ends, which explain it until then.
    drains: bool = False
    #: Models whose rows operators act on because of it; its incidents link to the first one's list.
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """The measured value of one fact and its findings, or the error of a server that is away."""

    name: str
    findings: tuple[Finding, ...]
    measured: Any = None
    failure: Exception | None = None

    @property
    def value(self) -> Any:
        """Return what was measured. Raises the error of a server that did not answer."""
        if self.failure:
            raise self.failure
        return self.measured

    @property
    def is_ok(self) -> bool:
        return all(finding.level == "ok" for finding in self.findings)
