"""JSON Schemas of tools, from the API's OpenAPI document, whose parts the serializers describe.

The document is OpenAPI 3.0, tools need JSON Schema 2020-12. They differ in `nullable`, and in where
shared parts are: here each schema carries those it refers to in `$defs`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular.generators import SchemaGenerator

Json = dict[str, Any]
URLS = "posts.api.urls"
COMPONENTS = "#/components/schemas/"
#: Words of OpenAPI that JSON Schema does not know.
DROPPED = frozenset({"nullable", "readOnly", "writeOnly", "example", "discriminator"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint's method; `places` says where each argument goes: path, query or body."""

    method: str
    path: str
    places: Mapping[str, str]
    arguments: Mapping[str, Json]
    required: frozenset[str]
    answer: Json


class OpenApiDocument:
    """The API's description; large, so it lives only while tools are made of it."""

    def __init__(self) -> None:
        found = SchemaGenerator(urlconf=URLS).get_schema(request=None, public=True)
        self._components: Json = found["components"]["schemas"]
        self._operations = {
            each["operationId"]: (method.upper(), path, each)
            for path, methods in found["paths"].items()
            for method, each in methods.items()
        }

    def operation(self, name: str) -> Operation:
        method, path, found = self._operations[name]
        parameters = {
            each["name"]: each for each in found.get("parameters", ()) if each["in"] != "header"
        }
        body = self._body(found)
        return Operation(
            method,
            path,
            {name: each["in"] for name, each in parameters.items()} | dict.fromkeys(body, "body"),
            {
                name: {"description": each.get("description", ""), **each["schema"]}
                for name, each in parameters.items()
            }
            | body,
            frozenset(name for name, each in parameters.items() if each.get("required")),
            self._answer(found),
        )

    def _answer(self, operation: Mapping[str, Any]) -> Json:
        """Return what it answers if it succeeds; `data` is one of several forms for some."""
        answers = [
            self._component(each["content"]["application/json"]["schema"])
            for status, each in operation["responses"].items()
            if status.startswith("2")
        ]
        fields = answers[0]["properties"]
        forms = [each["properties"]["data"] for each in answers]
        different = [form for place, form in enumerate(forms) if form not in forms[:place]]
        if len(different) == 1:
            return answers[0]
        return {**answers[0], "properties": {**fields, "data": {"anyOf": different}}}

    def _body(self, operation: Mapping[str, Any]) -> Json:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return {}
        fields: Json = self._component(content["application/json"]["schema"])["properties"]
        return fields

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
