"""The tools with their schemas, made once per process from the API's description."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mcp import types as protocol
from mcp.types import ToolAnnotations

from posts.api import auth
from posts.mcp.schemas import Document, Json, Operation
from posts.mcp.tools import TOOLS
from posts.mcp.tools.tool import Tool

IDEMPOTENCY_KEY: Json = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[!-~]+$",
    "description": "A name for this call: with the same name it is done once within 24 hours.",
}
NEXT_STEP: Json = {"type": "string", "description": "What to do next; absent if nothing follows."}


@dataclass(frozen=True, slots=True)
class Ready:
    """A tool with its operation, and as the protocol lists it."""

    tool: Tool
    operation: Operation
    listed: protocol.Tool

    @property
    def scope(self) -> str:
        return auth.scope_for(self.operation.method)


def tools() -> Mapping[str, Ready]:
    """Every tool by its name."""
    with _making:
        return _made()


_making = threading.Lock()


@cache
def _made() -> Mapping[str, Ready]:
    document = Document()
    return {tool.name: _ready(tool, document) for tool in TOOLS}


def _ready(tool: Tool, document: Document) -> Ready:
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
    )


def _input(tool: Tool, operation: Operation, document: Document) -> Json:
    taken = {name: tool.schemas.get(name) or operation.arguments[name] for name in tool.takes}
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


def _output(operation: Operation, document: Document) -> Json:
    answer = operation.answer
    return document.portable(
        {**answer, "properties": {**answer["properties"], "next_step": NEXT_STEP}}
    )
