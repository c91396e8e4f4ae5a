"""The tools with their schemas, made once per process from the API's description."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mcp import types as protocol
from mcp.types import ToolAnnotations

from posts.api import auth
from posts.mcp.schemas import Json, OpenApiDocument, Operation
from posts.mcp.tools import TOOLS
from posts.mcp.tools.tool import Arguments, Tool

IDEMPOTENCY_KEY: Json = {
    "type": "string",
    "maxLength": 255,
    "description": "A name for this call: with the same name it is done once within 24 hours.",
}
NEXT_STEP: Json = {"type": "string", "description": "What to do next; absent if nothing follows."}


@dataclass(frozen=True, slots=True)
class Ready:
    """A tool with its operation, and as the protocol lists it."""

    tool: Tool
    operation: Operation
    listed: protocol.Tool
    #: By the values of the argument that chooses one; empty: it is always the same.
    operations: Mapping[str, Operation]

    @property
    def scope(self) -> str:
        return self.tool.scope or auth.scope_for(self.operation.method)

    def chosen(self, arguments: Arguments) -> Operation:
        """The operation that these arguments ask for, once they are checked."""
        if not self.operations:
            return self.operation
        return self.operations[arguments[self.tool.chosen_by]]


def tools() -> Mapping[str, Ready]:
    """Every tool by its name."""
    with _making:
        return _made()


_making = threading.Lock()


@cache
def _made() -> Mapping[str, Ready]:
    document = OpenApiDocument()
    return {tool.name: _ready(tool, document) for tool in TOOLS}


def _ready(tool: Tool, document: OpenApiDocument) -> Ready:
    operation = document.operation(tool.operation)
    return Ready(
        tool,
        operation,
        protocol.Tool(
            name=tool.name,
            title=tool.title,
            description=tool.description,
            input_schema=_input(tool, operation, document),
            output_schema=_output(operation, document),
            annotations=ToolAnnotations(
                read_only_hint=tool.reads,
                destructive_hint=tool.destructive,
                idempotent_hint=tool.idempotent or tool.reads,
                open_world_hint=tool.open_world,
            ),
        ),
        {value: document.operation(name) for value, name in tool.operations.items()},
    )


def _input(tool: Tool, operation: Operation, document: OpenApiDocument) -> Json:
    taken = {
        name: tool.schemas.get(name) or _brief(operation.arguments[name]) for name in tool.takes
    }
    named = {} if tool.reads else {"idempotency_key": IDEMPOTENCY_KEY}
    must = {*tool.required, *(operation.required & {*tool.takes})}
    schema: Json = {
        "type": "object",
        "properties": {**taken, **tool.own, **named},
        "required": [name for name in (*tool.takes, *tool.own) if name in must],
        "additionalProperties": False,
    }
    # A PATCH can clear a field.
    return document.portable(schema, nulls=operation.method == "PATCH")


def _brief(schema: Json) -> Json:
    """Descriptions say what patterns do, and the API checks them."""
    return {word: value for word, value in schema.items() if word != "pattern"}


def _output(operation: Operation, document: OpenApiDocument) -> Json:
    answer = operation.answer
    return document.portable(
        {**answer, "properties": {**answer["properties"], "next_step": NEXT_STEP}}
    )
