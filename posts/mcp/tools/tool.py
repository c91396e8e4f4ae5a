"""What a tool is: one operation of the API, as an agent sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from posts.mcp.schemas import Json

Arguments = Mapping[str, Any]
#: (arguments, the API's answer) to what the agent does next; blank if nothing follows.
NextStep = Callable[[Arguments, Json], str]

#: For so long the same call without an `idempotency_key` is one call.
REPEAT_SECONDS = 600
ONCE = (
    "The same call again within ten minutes is answered as the first one, so repeat it if an "
    "answer was lost. To do it twice on purpose, give each call an idempotency_key of its own."
)


def _nothing(arguments: Arguments, answer: Json) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool of the operation with this id; `takes` are the arguments of it that the tool has."""

    name: str
    title: str
    operation: str
    description: str
    takes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    #: Of these one is given, or the tool refuses.
    one_of: tuple[str, ...] = ()
    #: What every call sends beside its arguments.
    fixed: Arguments = field(default_factory=dict)
    #: Schemas of arguments that differ from the operation's.
    schemas: Mapping[str, Json] = field(default_factory=dict)
    #: Arguments of the tool's own: one of an `enum`, or a text.
    own: Mapping[str, Json] = field(default_factory=dict)
    #: Operations of the same answer, by the values of the own argument `chosen_by`.
    chosen_by: str = ""
    operations: Mapping[str, str] = field(default_factory=dict)
    #: The request's body and its type, where that is no object of arguments.
    file: Callable[[Arguments], tuple[bytes, str]] | None = None
    #: What is made of the answer.
    shown: Callable[[Arguments, Json], Json] | None = None
    next_step: NextStep = _nothing
    #: The scope that a key needs; blank: by the HTTP method.
    scope: str = ""

    #: Hints of the protocol. What changes nothing is neither of these.
    reads: bool = False
    destructive: bool = False
    idempotent: bool = False
    #: Whether it may reach a network.
    open_world: bool = False
    #: A call that makes something new is collapsed; `version_of` as in posts/api/endpoints.py.
    makes: bool = False
    version_of: Callable[..., str] | None = None
