"""The tools with their schemas, made once per process from the API's description.

They have no output schemas: an agent reads all tools before its first call, and those were 142 of
198 KB. Answers are the API's, which its OpenAPI document describes.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from mcp import types as protocol
from mcp.types import ToolAnnotations

from platforms.registry import ADAPTERS
from posts.api.endpoints import Arguments, Json, Tool
from posts.mcp.schemas import OpenApiDocument, Operation

ONCE = (
    "The same call again within ten minutes is answered as the first one, so repeat it if an "
    "answer was lost. To do it twice on purpose, give each call an idempotency_key of its own."
)
IDEMPOTENCY_KEY: Json = {
    "type": "string",
    "maxLength": 255,
    "description": "A name for this call: with the same name it is done once within 24 hours.",
}
#: Arguments, by their places and names, that the API describes at more length than an agent needs.
#: `platform_content` in full is 11 KB in each of seven tools, all read before the first call.
BRIEF: Mapping[tuple[str, str], Json] = {
    ("path", "account_id"): {
        "type": "integer",
        "description": "The account's id, of list_accounts.",
    },
    ("body", "platform_content"): {
        "type": "object",
        "description": "What differs on a network, by its name. `settings` are its options, of "
        "get_platform_rules.",
        "propertyNames": {"enum": list(ADAPTERS)},
        "additionalProperties": {
            "type": "object",
            "properties": {"content": {"type": "string"}, "settings": {"type": "object"}},
            "additionalProperties": False,
        },
    },
    ("body", "shorten_links"): {
        "type": "boolean",
        "description": "Whether links get short addresses; absent: as the link settings say.",
    },
    ("body", "hashtag_set_ids"): {
        "type": "array",
        "items": {"type": "string"},
        "description": "Ids of list_hashtag_sets, whose hashtags are added.",
    },
}


@dataclass(frozen=True, slots=True)
class Ready:
    """A tool with its operation, and as the protocol lists it."""

    tool: Tool
    operation: Operation
    listed: protocol.Tool
    #: By the values of the argument that chooses one; empty: it is always the same.
    operations: Mapping[str, Operation]

    def chosen(self, arguments: Arguments) -> Operation:
        """Return the operation that these arguments ask for, once they are checked."""
        if not self.operations:
            return self.operation
        return self.operations[arguments[self.tool.chosen_by]]


def tools() -> Mapping[str, Ready]:
    """Return every tool by its name."""
    with _making:
        return _made()


_making = threading.Lock()


@cache
def _made() -> Mapping[str, Ready]:
    document = OpenApiDocument()
    found: dict[str, list[tuple[Tool, Operation]]] = {}
    for tool, operation in document.tools():
        found.setdefault(tool.name or operation.id, []).append((tool, operation))
    return {name: _ready(name, each, document) for name, each in found.items()}


def _ready(
    name: str, annotations: Sequence[tuple[Tool, Operation]], document: OpenApiDocument
) -> Ready:
    (tool, operation), *_ = annotations
    operations = {each.choice: chosen for each, chosen in annotations if each.choice}
    reads = operation.reads if tool.reads is None else tool.reads
    replaces = operation.method in ("PATCH", "DELETE")
    return Ready(
        tool,
        operation,
        protocol.Tool(
            name=name,
            title=tool.title or operation.summary,
            description=f"{tool.description} {ONCE}" if operation.makes else tool.description,
            input_schema=_input(tool, operation, operations, document, is_named=not reads),
            annotations=ToolAnnotations(
                read_only_hint=reads,
                destructive_hint=replaces if tool.destructive is None else tool.destructive,
                idempotent_hint=replaces or reads if tool.idempotent is None else tool.idempotent,
                open_world_hint=tool.open_world,
            ),
        ),
        operations,
    )


def _input(
    tool: Tool,
    operation: Operation,
    choices: Iterable[str],
    document: OpenApiDocument,
    *,
    is_named: bool,
) -> Json:
    known = operation.arguments if tool.takes is None else tool.takes
    takes = [name for name in known if name not in (*tool.hides, *tool.fixed)]
    own = {
        name: {**schema, "enum": [*choices]} if name == tool.chosen_by else schema
        for name, schema in tool.own.items()
    }
    must = {*tool.required, *operation.required}
    schema: Json = {
        "type": "object",
        "properties": {
            **{name: _brief(name, operation) for name in takes},
            **own,
            **({"idempotency_key": IDEMPOTENCY_KEY} if is_named else {}),
        },
        "required": [name for name in takes if name in must] + [*own],
        "additionalProperties": False,
    }
    # A PATCH can clear a field.
    return document.portable(schema, nulls=operation.method == "PATCH")


def _brief(name: str, operation: Operation) -> Json:
    """Return the schema without patterns: descriptions say what they do, and the API checks."""
    schema = BRIEF.get((operation.places[name], name), operation.arguments[name])
    return {word: value for word, value in schema.items() if word != "pattern"}
