"""Declare what a view's method tells the middlewares before it, and agents (posts/mcp)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, Self, TypeVar

from django.http import HttpRequest

Method = TypeVar("Method", bound=Callable[..., Any])
Json = dict[str, Any]
Arguments = Mapping[str, Any]
#: (arguments, the API's answer) to what the agent does next; blank if nothing follows.
NextStep = Callable[[Arguments, Json], str]


class ReplayPolicy(Enum):
    """When the answer to a request with an Idempotency-Key is recorded for replay."""

    #: In the transaction of its work, which waits for no other process.
    WITH_WORK = auto()
    #: Right after: the work takes long, and may safely be done twice.
    AFTER_WORK = auto()
    #: Never: it changes nothing.
    NEVER = auto()


@dataclass(frozen=True, slots=True)
class Options:
    """`costs`: units by bucket, beside one request.

    `version_of`: (workspace id, an answer's data) to a word for what it is about, as that is now.
    With it, requests without a key that say the same may be answered as one.

    `collapse_seconds`: for so long such requests are answered as one in any case.

    `scope`: the scope that a key needs; blank: by the HTTP method.

    `is_file`: its answer is a file, without the envelope.

    `may_lag`: a list, which a standby of the database may answer (destinations/runtime/replica/).

    `reads_query`: whether it takes query parameters; of any other call they are refused.

    `is_long`: it may take 200 ms of CPU, so it needs a place (posts/api/long_requests/).

    `waits`: whether a request waits for a worker, which must see its work; its answer is then
    recorded after it.
    """

    replay: ReplayPolicy = ReplayPolicy.WITH_WORK
    costs: Mapping[str, int] | None = None
    version_of: Callable[..., str] | None = None
    collapse_seconds: int = 0
    scope: str = ""
    is_file: bool = False
    may_lag: bool = False
    reads_query: bool = False
    is_long: bool = False
    waits: Callable[[HttpRequest], bool] | None = None

    def replay_of(self, request: HttpRequest) -> ReplayPolicy:
        is_waiting = self.waits is not None and self.waits(request)
        return ReplayPolicy.AFTER_WORK if is_waiting else self.replay


def options(**values: Any) -> Callable[[Method], Method]:
    """Decorates a method of a view that differs from the default `Options`."""

    def decorate(method: Method) -> Method:
        method.options = Options(**values)  # type: ignore[attr-defined]
        return method

    return decorate


def options_of(view: Any, http_method: str | None) -> Options | None:
    """The options of the method that answers; None if the view has none for it."""
    name = str(http_method).lower()
    actions = getattr(view, "actions", None)
    name = name if actions is None else actions.get(name, "")
    method = getattr(getattr(view, "cls", None), name, None) if name else None
    return getattr(method, "options", Options()) if method else None


def _nothing(arguments: Arguments, answer: Json) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool that calls the operation it annotates; what is not said here, the operation says."""

    #: What it does and when to use it, for an agent.
    description: str
    #: Absent: the operation's id and its summary.
    name: str = ""
    title: str = ""
    #: The arguments of the operation that it has; absent: all but those that it `hides`.
    takes: tuple[str, ...] | None = None
    hides: tuple[str, ...] = ()
    #: Those that it needs beside those that the operation requires.
    required: tuple[str, ...] = ()
    #: Of these one is given, or the tool refuses.
    one_of: tuple[str, ...] = ()
    #: What every call sends beside its arguments.
    fixed: Arguments = field(default_factory=dict)
    #: Schemas of arguments of its own: one of an `enum`, or a text.
    own: Mapping[str, Json] = field(default_factory=dict)
    #: The own argument that chooses among the operations it annotates, and the value for this one.
    chosen_by: str = ""
    choice: str = ""
    #: The request's body and its type, where that is no object of arguments.
    file: Callable[[Arguments], tuple[bytes, str]] | None = None
    #: What is made of the answer.
    shown: Callable[[Arguments, Json], Json] | None = None
    next_step: NextStep = _nothing
    #: For as long as this (posts/api/endpoints.py) says so, a repeated call that makes something
    #: gets the first answer.
    version_of: Callable[..., str] | None = None

    #: Hints of the protocol; None: by the operation's method.
    reads: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    #: Whether it may reach a network.
    open_world: bool = False

    def chosen(self, choice: str) -> Self:
        """Return the tool as it annotates the operation that this value chooses."""
        return replace(self, choice=choice)


def tools(*annotations: Tool) -> Callable[[Method], Method]:
    """Decorate a method of a view with the tools that call it."""

    def decorate(method: Method) -> Method:
        method.tools = annotations  # type: ignore[attr-defined]
        return method

    return decorate
