"""What an OpenAPI document says of every answer's `data`, one line for each field."""

from collections.abc import Iterator
from typing import Any

from platforms.registry import ADAPTERS
from posts.api.schema.examples import SCHEMAS

Json = dict[str, Any]
#: Of the refusals only this one has data: what became of each post of a bulk call.
WITH_DATA = ("200", "201", "207", "422")


def lines(document: Json) -> list[str]:
    """`operation statuses field: type`; [] is an item of a list, and ? may be absent."""
    found = []
    for its in document["paths"].values():
        for operation in its.values():
            for fields, statuses in _answers(document, operation).items():
                name = f"{operation['operationId']} {','.join(statuses)}"
                found += [f"{name} {field}" for field in fields]
    return sorted(found)


def _answers(document: Json, operation: Json) -> dict[tuple[str, ...], list[str]]:
    """The statuses of the operation's answers with data, by their fields."""
    found: dict[tuple[str, ...], list[str]] = {}
    for status in WITH_DATA:
        if data := _data(document, operation["responses"].get(status)):
            fields = tuple(dict.fromkeys(_fields(document, data)))
            found.setdefault(fields, []).append(status)
    return found


def _data(document: Json, answer: Json | None) -> Json | None:
    schema = (answer or {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    schema = _resolved(document, schema)
    for each in schema.get("oneOf", [schema]):
        data = _resolved(document, each).get("properties", {}).get("data")
        if data is None:  # a file
            continue
        if data.get("maxProperties") != 0:
            return dict(data)
    return None


def _fields(document: Json, schema: Json, path: str = "data") -> Iterator[str]:
    schema = _resolved(document, schema)
    for each in schema.get("oneOf", ()):
        yield from _fields(document, each, path)
    if "oneOf" in schema:
        return
    yield f"{path}: {_type(schema)}"
    if "items" in schema:
        yield from _fields(document, schema["items"], f"{path}[]")
    for name, inner in schema.get("properties", {}).items():
        mark = "" if name in schema.get("required", ()) else "?"
        yield from _fields(document, inner, f"{path}.{name}{mark}")


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema or "allOf" in schema:
        inner = schema if "$ref" in schema else schema["allOf"][0]
        named = document["components"]["schemas"][inner["$ref"].removeprefix(SCHEMAS)]
        rest = {name: each for name, each in schema.items() if name not in ("$ref", "allOf")}
        schema = {**named, **rest}
    return schema


def _type(schema: Json) -> str:
    if schema.get("enum") == list(ADAPTERS):
        found = "network"
    elif "enum" in schema:
        found = "|".join(str(word) for word in schema["enum"] if word is not None)
    else:
        found = schema.get("type", "any") + (f"({schema['format']})" if "format" in schema else "")
    return found + (" or null" if schema.get("nullable") else "")
