"""Operations with tools, and JSON Schemas, from the API's OpenAPI document.

The document is OpenAPI 3.0, tools need JSON Schema 2020-12. They differ in `nullable`, and in where
shared parts are: here each schema carries those it refers to in `$defs`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from posts.api import auth
from posts.api.endpoints import Json, Options, ReplayPolicy, Tool

URLS = "posts.api.urls"
COMPONENTS = "#/components/schemas/"
#: Words of OpenAPI that JSON Schema does not know.
DROPPED = frozenset({"nullable", "readOnly", "writeOnly", "example", "discriminator"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint's method; `places` says where each argument goes: path, query or body."""

    id: str
    summary: str
    method: str
    path: str
    places: Mapping[str, str]
    arguments: Mapping[str, Json]
    required: frozenset[str]
    #: The scope that a key needs.
    scope: str
    #: Whether each answer is of something new, and whether nothing changes.
    makes: bool
    reads: bool


class _Generator(SchemaGenerator):
    """Remembers the views, whose methods have options and tools."""

    views: list[tuple[str, str, Any]]

    def _get_paths_and_endpoints(self) -> list[tuple[str, str, str, Any]]:
        found: list[tuple[str, str, str, Any]] = super()._get_paths_and_endpoints()
        self.views = [(path, method, view) for path, _, method, view in found]
        return found


class OpenApiDocument:
    """The API's description; large, so it lives only while tools are made of it."""

    def __init__(self) -> None:
        generator = _Generator(urlconf=URLS)
        found = generator.get_schema(request=None, public=True)
        self._components: Json = found["components"]["schemas"]
        self._paths: Json = found["paths"]
        self._views = generator.views

    def tools(self) -> Iterator[tuple[Tool, Operation]]:
        """Yield each tool with the operation that it annotates, in the document's order."""
        for path, method, view in self._views:
            endpoint = getattr(view, getattr(view, "action", None) or method.lower())
            if annotations := getattr(endpoint, "tools", ()):
                options = getattr(endpoint, "options", Options())
                operation = self._operation(path, method, options)
                yield from ((tool, operation) for tool in annotations)

    def _operation(self, path: str, method: str, options: Options) -> Operation:
        found = self._paths[path][method.lower()]
        parameters = {
            each["name"]: each for each in found.get("parameters", ()) if each["in"] != "header"
        }
        body = self._body(found)
        fields: Json = body.get("properties", {})
        needed = {name for name, each in parameters.items() if each.get("required")}
        return Operation(
            id=found["operationId"],
            summary=found["summary"],
            method=method,
            path=path,
            places={name: each["in"] for name, each in parameters.items()}
            | dict.fromkeys(fields, "body"),
            arguments={
                name: {"description": each.get("description", ""), **each["schema"]}
                for name, each in parameters.items()
            }
            | fields,
            required=frozenset(needed | {*body.get("required", ())}),
            scope=options.scope or auth.scope_for(method),
            makes=[status for status in found["responses"] if status < "3"] == ["201"],
            reads=method == "GET" or options.replay is ReplayPolicy.NEVER,
        )

    def _body(self, operation: Mapping[str, Any]) -> Json:
        content = operation.get("requestBody", {}).get("content", {})
        return self._component(content["application/json"]["schema"]) if content else {}

    def _component(self, reference: Json) -> Json:
        found: Json = self._components[reference["$ref"].removeprefix(COMPONENTS)]
        return found

    def portable(self, schema: Json, *, nulls: bool = True) -> Json:
        """The schema in JSON Schema 2020-12, with all that it refers to.

        Without `nulls` only what is worth sending is described: null means "absent" in requests.
        """
        definitions: Json = {}
        plain: Json = _plain(schema, nulls)
        waiting = set(_references(plain))
        while waiting:
            name = waiting.pop()
            definitions[name] = _plain(self._components[name], nulls)
            waiting |= set(_references(definitions[name])) - definitions.keys()
        return {**plain, "$defs": dict(sorted(definitions.items()))} if definitions else plain


def _plain(schema: Any, nulls: bool) -> Any:
    if isinstance(schema, list):
        return [_plain(each, nulls) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        # Names of fields are no words of the schema's language.
        name: {field: _plain(each, nulls) for field, each in value.items()}
        if name == "properties"
        else _plain(value, nulls)
        for name, value in schema.items()
        if name not in DROPPED
    }
    if isinstance(reference := plain.get("$ref"), str):
        plain["$ref"] = reference.replace(COMPONENTS, "#/$defs/")
    if len(plain.get("allOf", ())) == 1:
        plain = {**plain.pop("allOf")[0], **plain}
        if "$ref" in plain:
            # OpenAPI wants it beside `nullable`; the reference has it.
            plain.pop("type", None)
    return _or_null(plain) if nulls and schema.get("nullable") else plain


def _or_null(schema: Json) -> Json:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    described = {"description": schema.pop("description")} if "description" in schema else {}
    return {**described, "anyOf": [schema, {"type": "null"}]}


def _references(schema: Any) -> Iterator[str]:
    inner = schema.values() if isinstance(schema, dict) else schema
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        yield schema["$ref"].removeprefix("#/$defs/")
    if isinstance(schema, dict | list):
        for each in inner:
            yield from _references(each)
