"""Writes the calls of the TypeScript client: a method for every operation of the document."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.clients.builders.typescript import naming

Json = Mapping[str, Any]

BY_HAND = "// Made from the OpenAPI document; not by hand.\n"
_SCHEMAS = "#/components/schemas/"
#: Wide enough that a method's first line is one line.
_WIDTH = 96


@dataclass(frozen=True)
class Call:
    """An operation as the client needs it."""

    id: str
    method: str
    path: str
    operation: Json
    document: Json

    @property
    def path_names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def is_keyed(self) -> bool:
        return any(each["name"] == "Idempotency-Key" for each in self._given("header"))

    @property
    def query(self) -> list[Json]:
        return self._given("query")

    @property
    def body(self) -> Json:
        found: Json = self.operation.get("requestBody", {})
        return found

    @property
    def most(self) -> int | None:
        """The most items of a page; None if it is no list with pages."""
        by_name = {each["name"]: each for each in self.query}
        if not {"limit", "offset"} <= set(by_name):
            return None
        return int(by_name["limit"]["schema"].get("maximum", 100))

    @property
    def items(self) -> str | None:
        """The field of `data` with the items of a page, "" if `data` is the list."""
        if self.method != "GET" or self.most is None:
            return None
        answer = self.operation["responses"]["200"].get("content", {}).get("application/json", {})
        data = self._resolved(
            self._resolved(answer.get("schema", {})).get("properties", {}).get("data", {})
        )
        if data.get("type") == "array":
            return ""
        lists = [
            name
            for name, each in data.get("properties", {}).items()
            if "$ref" in each.get("items", {})
        ]
        return lists[0] if len(lists) == 1 else None

    def _given(self, place: str) -> list[Json]:
        return [each for each in self.operation.get("parameters", ()) if each["in"] == place]

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema or "allOf" in schema:
            one = schema["allOf"][0] if "allOf" in schema else schema
            schema = self.document["components"]["schemas"][one["$ref"].removeprefix(_SCHEMAS)]
        return schema


def calls(document: Json) -> dict[str, list[Call]]:
    """The calls of each part of the client."""
    found: dict[str, list[Call]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            call = Call(operation["operationId"], method.upper(), path, operation, document)
            found.setdefault(naming.part(operation["tags"][0]), []).append(call)
    return found


def operations_file(document: Json) -> str:
    """operations.ts: where each operation is."""
    rows = "".join(
        f"  {call.id}: {json.dumps(_row(call))},\n"
        for each in calls(document).values()
        for call in each
    )
    return (
        f"{BY_HAND}"
        'import type { Operation, OperationId } from "../types.js";\n\n'
        f"export const OPERATIONS: Readonly<Record<OperationId, Operation>> = {{\n{rows}}};\n"
    )


def _row(call: Call) -> dict[str, Any]:
    row: dict[str, Any] = {"method": call.method, "path": call.path}
    if call.is_keyed:
        row["keyed"] = True
    if call.items is not None:
        row |= {"items": call.items, "most": call.most}
    return row


def resources_file(document: Json) -> str:
    """resources.ts: a class for each part of the API, and one that has them all."""
    parts = calls(document)
    words = {
        naming.part(tag["name"]): tag.get("description", "") for tag in document.get("tags", ())
    }
    classes = "\n".join(_class(part, words.get(part, ""), each) for part, each in parts.items())
    fields = "".join(f"  readonly {part}: {_name(part)};\n" for part in parts)
    made = "".join(f"    this.{part} = new {_name(part)}(transport);\n" for part in parts)
    return (
        f"{BY_HAND}"
        'import type { Answer } from "../answer.js";\n'
        'import type { Listing } from "../listing.js";\n'
        'import { Resource } from "../resource.js";\n'
        'import type { CallOptions, Transport } from "../transport.js";\n'
        'import type { Body, Data, Query } from "../types.js";\n\n'
        f"{classes}\n"
        "/** Every call of the API. */\n"
        f"export class Resources {{\n{fields}\n"
        f"  constructor(protected readonly transport: Transport) {{\n{made}  }}\n}}\n"
    )


def _name(part: str) -> str:
    return f"{part[0].upper()}{part[1:]}Calls"


def _class(part: str, words: str, found: list[Call]) -> str:
    named = naming.methods(found[0].operation["tags"][0], [call.id for call in found])
    methods = "\n".join(_method(call, named[call.id]) for call in found)
    comment = _comment(words, "") if words else ""
    return f"{comment}export class {_name(part)} extends Resource {{\n{methods}}}\n"


def _method(call: Call, name: str) -> str:
    sent = "".join(f"{each}: {naming.camel(each.split('_'))}, " for each in call.path_names)
    parts = [f"path: {{ {sent.removesuffix(', ')} }}"] if sent else []
    parts += [name for name, there in (("query", call.query), ("body", call.body)) if there]
    about = f"{{ {', '.join(parts)} }}" if parts else "{}"
    answer, send = f'Answer<"{call.id}">', "call"
    if call.items is not None:
        field = f'["{call.items}"]' if call.items else ""
        item = f'Data<"{call.id}">{field}[number]'
        answer, send = f'Listing<"{call.id}", {item}>', "listing"
    words = call.operation.get("description") or call.operation.get("summary", "")
    return (
        f"{_comment(words, '  ')}"
        f"  {name}({', '.join(_parameters(call))}): {answer} {{\n"
        f'    return this.transport.{send}("{call.id}", {about}, options);\n'
        "  }\n"
    )


def _parameters(call: Call) -> Iterator[str]:
    kinds = {each["name"]: each["schema"] for each in call.operation.get("parameters", ())}
    for name in call.path_names:
        kind = "string | number" if takes_numbers(kinds[name]) else "string"
        yield f"{naming.camel(name.split('_'))}: {kind}"
    if call.body:
        yield f'body{"" if call.body.get("required") else "?"}: Body<"{call.id}">'
    if call.query:
        is_needed = any(each.get("required") for each in call.query)
        yield f'query{": " if is_needed else "?: "}Query<"{call.id}">'
    yield "options?: CallOptions"


def _comment(words: str, indent: str) -> str:
    paragraphs = [" ".join(each.split()).replace("*/", "* /") for each in words.split("\n\n")]
    lines = [
        line for each in paragraphs for line in (*textwrap.wrap(each, _WIDTH - len(indent)), "")
    ]
    told = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines[:-1])
    return f"{indent}/**\n{told}{indent} */\n"


def takes_numbers(schema: Json) -> bool:
    """Whether a part of a path may be a number: some ids are, and the document has them as text."""
    is_number = schema.get("type") == "integer"
    return is_number or re.match(schema.get("pattern", "$."), "1") is not None
