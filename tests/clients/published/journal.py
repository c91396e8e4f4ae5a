"""What a client called, how each call ended, and everything that was not as promised."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.clients.published.shape import Shape, problems

OK, MISSING = "ok", "no endpoint"
#: How the API refuses what it does not have (posts/api/errors.py).
NO_ENDPOINT = ("There is no such endpoint", "not allowed")
#: What it says of networks that it does not have.
UNSUPPORTED = "cannot be connected here"
NO_ACCOUNT = "There is no account with the handle"
#: In the place of an id that an earlier call should have answered.
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Refused(Exception):
    """The client said so to its caller; the message is what it says."""


class Client(Protocol):
    name: str

    def call(self, method: str, *arguments: Any) -> Any:
        """The answer, as the client gives it to its caller. Raises Refused."""


@dataclass(frozen=True)
class Called:
    endpoint: str
    method: str
    #: `OK`, `MISSING`, or `refused: ` and why.
    outcome: str


@dataclass
class Journal:
    client: Client
    calls: list[Called] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def play(self, ground: Any, scenes: Sequence[Callable[..., None]]) -> "Journal":
        """Every scene, also after one that broke off."""
        for scene in scenes:
            try:
                scene(self, ground)
            except AssertionError as error:
                self.problems.append(f"{scene.__name__}: {str(error)[:500]}")
        return self

    def call(self, endpoint: str, method: str, *arguments: Any, answers: Shape) -> Any:
        """The answer, which must have this shape; an empty one in the place of another."""
        nothing: Any = [] if isinstance(answers, list) else {}
        try:
            answer = self.client.call(method, *arguments)
        except Refused as refusal:
            missing = any(words in str(refusal) for words in NO_ENDPOINT)
            if not missing:
                self.problems.append(f"{method} was refused: {refusal}")
            told = " ".join(str(refusal).split())[:100]
            self._note(endpoint, method, MISSING if missing else f"refused: {told}")
            return nothing
        self.problems += [f"{method}: {each}" for each in problems(answers, answer)]
        self._note(endpoint, method, OK)
        is_usable = isinstance(answers, str) or isinstance(answer, type(nothing))
        return answer if is_usable else nothing

    def refused(self, endpoint: str, method: str, *arguments: Any, says: str) -> None:
        """The call must be refused, and the client must tell its caller these words."""
        try:
            answer = self.client.call(method, *arguments)
        except Refused as refusal:
            if says not in str(refusal):
                self.problems.append(f"{method} was refused, but not with {says!r}: {refusal}")
            if (endpoint, method) not in {(each.endpoint, each.method) for each in self.calls}:
                self._note(endpoint, method, f"refused: {says}")
        else:
            self.problems.append(f"{method} was answered, not refused: {answer}")

    def equal(self, what: str, seen: Any, wanted: Any) -> None:
        if seen != wanted:
            self.problems.append(f"{what}: {seen!r}, not {wanted!r}")

    def _note(self, endpoint: str, method: str, outcome: str) -> None:
        """One line for each endpoint and method; what went wrong once stays."""
        told = {(each.endpoint, each.method): each for each in self.calls}
        before = told.get((endpoint, method))
        if before is None:
            self.calls.append(Called(endpoint, method, outcome))
        elif before.outcome == OK:
            self.calls[self.calls.index(before)] = Called(endpoint, method, outcome)


def first(found: Sequence[Any]) -> Any:
    """The first, or an empty object: what is missing is noted already."""
    return found[0] if isinstance(found, list) and found else {}
